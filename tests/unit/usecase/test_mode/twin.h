#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/test_account.h"
#include "store/repository/accounts.h"
#include "store/repository/test_mode.h"
#include "support/fixture.h"
#include "usecase/test_mode/clock.h"
#include "usecase/test_mode/work.h"
#include "usecase/transaction/show.h"

namespace countersign::testing {

/// A fixture whose account has a test twin, and calls with the twin's key, each as the API makes it: by the twin's
/// clock, and with what it leaves to be done.
class Twin {
 public:
  Twin() {
    auto& accounts = fixture.settings().accounts;
    auto twin = usecase::test_twin_of(accounts.at(fixture.account()), [&](const usecase::ServiceSettings& service) {
      return fixture.in(
          [&](store::Tx& tx, Moment& moment) { return store::ensure_service(tx, id(), service.name, moment); });
    });
    accounts.emplace(twin.id, std::move(twin));
    caller = fixture.caller();
    caller.account = id();
  }

  [[nodiscard]] AccountId id() const { return test_twin_of(fixture.account()); }

  template <class Unit>
  auto in(Unit unit) {
    return fixture.in([&](store::Tx& tx, Moment& machine) {
      Moment moment{usecase::time_for(tx, id(), machine.now), machine.random};
      auto answer = unit(tx, moment);
      usecase::work_off_tests(tx, fixture.context(), id(), moment);
      return answer;
    });
  }

  WallTime now() {
    return fixture.in([&](store::Tx& tx, Moment& machine) { return usecase::time_for(tx, id(), machine.now); });
  }
  Answer<usecase::TestClock> advance(std::chrono::seconds by) {
    return fixture.in([&](store::Tx& tx, Moment& machine) {
      Moment moment{usecase::time_for(tx, id(), machine.now), machine.random};
      return usecase::advance_test_clock({tx, fixture.context(), caller, moment}, by);
    });
  }

  TransactionId hold(std::string_view identity, Channel channel, std::string_view address) {
    usecase::HoldRequest request = fixture.request();
    request.identity = identity;
    request.contacts = {{channel, std::string(address)}};
    const auto held = in(
        [&](store::Tx& tx, Moment& moment) { return usecase::hold({tx, fixture.context(), caller, moment}, request); });
    CS_CHECK(held.has_value());
    return held->id;
  }
  Answer<usecase::Started> start(const TransactionId& transaction, Channel channel) {
    return in([&](store::Tx& tx, Moment& moment) {
      return usecase::start_verification({tx, fixture.context(), caller, moment}, {transaction, channel, {}});
    });
  }
  std::optional<Code> check(const TransactionId& transaction, std::string_view code) {
    return why(in([&](store::Tx& tx, Moment& moment) {
      return usecase::check({tx, fixture.context(), caller, moment},
                            {transaction, SecretString(std::string(code)), {}, {}});
    }));
  }
  std::optional<Code> claim(const TransactionId& transaction) {
    return why(in([&](store::Tx& tx, Moment& moment) {
      return usecase::claim({tx, fixture.context(), caller, moment}, transaction, "worker-1");
    }));
  }
  Answer<usecase::TransactionView> show(const TransactionId& transaction) {
    return in([&](store::Tx& tx, Moment& moment) {
      return usecase::show_transaction({tx, fixture.context(), caller, moment}, transaction);
    });
  }
  std::vector<usecase::TestMessage> messages(const usecase::TestMessageFilter& filter = {}) {
    return in([&](store::Tx& tx, Moment& moment) {
      return usecase::list_test_messages(tx, fixture.context(), id(), filter, moment.now);
    });
  }
  std::vector<usecase::TestMessage> messages_of(const TransactionId& transaction) {
    return messages({.transaction = transaction});
  }

  /// The rows of the account in that table.
  std::int64_t rows(const AccountId& account, std::string_view table) {
    // One statement for each table: texts are never composed at run time.
    struct Rows {
      std::string_view table;
      store::Sql sql;
    };
#define CS_ROWS_OF(name) {name, store::Sql("SELECT count(*) FROM " name " WHERE account_id = ?1")}
    static const std::array<Rows, 11> kQueries{
        {CS_ROWS_OF("transactions"), CS_ROWS_OF("payloads"), CS_ROWS_OF("messages"), CS_ROWS_OF("notices"),
         CS_ROWS_OF("subjects"), CS_ROWS_OF("contacts"), CS_ROWS_OF("addresses"), CS_ROWS_OF("standings"),
         CS_ROWS_OF("deliveries"), CS_ROWS_OF("line_guards"), CS_ROWS_OF("test_messages")}};
#undef CS_ROWS_OF
    const auto* const found = std::ranges::find(kQueries, table, &Rows::table);
    CS_CHECK(found != kQueries.end());
    return fixture.in([&](store::Tx& tx, Moment&) {
      std::int64_t count = -1;
      tx.one(found->sql, {account}, [&](const store::Row& row) { count = row.integer(0); });
      return count;
    });
  }

  Fixture fixture;
  usecase::Caller caller;
};

}  // namespace countersign::testing
