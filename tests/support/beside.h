#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <latch>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/postgres/coverage.h"
#include "store/postgres/postgres_store.h"
#include "support/fixture.h"
#include "support/in_place.h"
#include "support/patient_options.h"
#include "support/postgres_cluster.h"

// What the tests of units that run beside each other on PostgreSQL share, in one batch and on several nodes.
namespace countersign::testing {

/// A database whose stores watch what units touch without a common key.
class WatchedDatabase {
 public:
  ~WatchedDatabase() { EXPECT_EQ(uncovered_, std::set<std::string>()); }

  [[nodiscard]] const std::string& url() const { return url_; }
  [[nodiscard]] std::string sql(const std::string& statement) const { return PostgresCluster::run(url_, statement); }

  /// One of its nodes. To be closed before this object ends.
  std::unique_ptr<store::Store> open() {
    auto options = patient_options(url_);
    options.on_uncovered = [this](std::string_view what) { note(what); };
    options.is_shared = [this](std::string_view id) { return is_shared(id); };
    options.coverage_of_nodes = nodes_;
    auto store = store::open_postgres(std::move(options));
    CS_CHECK(store.has_value());
    return *std::move(store);
  }

  /// Many units may name what this one has: before they do.
  void share_all_of(Fixture& fixture) {
    const std::lock_guard lock(mutex_);
    fixture_ = &fixture;
    shared_.insert(std::string(fixture.account().bytes()));
    for (const auto& service : fixture.settings().account(fixture.account()).services)
      shared_.insert(std::string(service.id.bytes()));
  }
  void share(std::string_view id) {
    const std::lock_guard lock(mutex_);
    shared_.emplace(id);
  }

 private:
  /// Also names of counters that have 16 letters, and who asks.
  [[nodiscard]] bool is_shared(std::string_view id) {
    constexpr auto is_letter = [](char c) { return c >= ' ' && c <= '~'; };
    const std::lock_guard lock(mutex_);
    if (fixture_ == nullptr || std::ranges::all_of(id, is_letter) || shared_.contains(std::string(id))) return true;
    const auto& caller = fixture_->caller();
    return caller.end_user &&
           id == fixture_->context().vault.digester().blind_index("source", caller.end_user->bytes());
  }

  void note(std::string_view what) {
    // Of all contacts of a subject a start or a check reads the guards and what was sent to the address, and uses only
    // those of the one whose key it takes, which it has read after that: where it had no such key, what it writes there
    // would be found.
    const bool reads_contacts = what.contains("contacts_by_subject") || what.contains("{{contact}}");
    const bool is_of_another =
        reads_contacts && (what.contains("INSERT INTO line_guards") || what.contains("UPDATE addresses"));
    // A notice names whom and where it goes to, and is only added.
    const bool is_named_by_notice = what.contains("INSERT INTO notices");
    const std::lock_guard lock(mutex_);
    if (!is_of_another && !is_named_by_notice) uncovered_.insert(std::string(what));
  }

  const std::string url_ = PostgresCluster::shared().new_database();
  const std::shared_ptr<store::postgres::CoverageOfNodes> nodes_ = std::make_shared<store::postgres::CoverageOfNodes>();
  std::mutex mutex_;
  // Guarded by mutex_:
  const Fixture* fixture_ = nullptr;
  std::set<std::string> shared_;
  std::set<std::string> uncovered_;
};

using UnitBody = std::function<void(const usecase::Work&)>;

/// Runs the units in one batch; the round trips that it took.
inline std::uint64_t run_in_one_batch(Fixture& fixture, const std::vector<UnitBody>& bodies) {
  InPlace home;
  std::latch all_there(1);
  std::latch taken(1);
  std::latch answered(static_cast<std::ptrdiff_t>(bodies.size()));
  auto& store = fixture.store();
  store.transact(
      home,
      [&](store::Tx&) {
        taken.count_down();
        all_there.wait();
        return Done{};
      },
      [](const auto&) {});
  taken.wait();
  const auto before = store.stats();
  for (const auto& body : bodies) {
    store.transact(
        home,
        [&, body](store::Tx& tx) {
          Moment moment{fixture.now(), fixture.random()};
          body(usecase::Work{tx, fixture.context(), fixture.caller(), moment});
          return Done{};
        },
        [&](const Result<Done, store::StoreError>& result) {
          EXPECT_TRUE(result) << result.error().detail;
          answered.count_down();
        });
  }
  all_there.count_down();
  answered.wait();
  return store.stats().round_trips - before.round_trips;
}

inline usecase::HoldRequest request_of(Fixture& fixture, int person, const std::vector<int>& phones) {
  usecase::HoldRequest request = fixture.request();
  request.identity = fmt::format("person-{}", person);
  request.contacts.clear();
  for (const int phone : phones) request.contacts.push_back({Channel::kSms, fmt::format("+55119876543{:02}", phone)});
  return request;
}

inline std::string wrong_for(const std::string& code) { return code == "000000" ? "111111" : "000000"; }

inline int count_events_of(Fixture& fixture, std::string_view type) {
  const auto all = fixture.all_events();
  return static_cast<int>(std::ranges::count(all, type, &store::EventRow::type));
}

/// What is known of a transaction from the answers about it.
struct KnownOfOne {
  TransactionId id;
  std::string code = {};
  std::set<std::string> claimers = {};
  std::string token = {};
};

/// After everything at once, for four people who share three numbers, with four attempts a code and sixty messages:
/// what is stored is what some order of the answered calls would have left.
inline void expect_some_order(Fixture& fixture, const WatchedDatabase& database, const std::vector<KnownOfOne>& known,
                              int sent, int approved) {
  const auto sql = [&](const std::string& statement) { return database.sql(statement); };
  for (const auto& one : known) EXPECT_LE(one.claimers.size(), 1U);
  EXPECT_EQ(sql("SELECT count(*) FROM subjects"), "4");
  EXPECT_EQ(sql("SELECT count(*) FROM addresses"), "3");
  EXPECT_GT(approved, 0);
  EXPECT_EQ(sent, 60);
  EXPECT_EQ(sql("SELECT count(*) FROM messages"), "60");
  EXPECT_EQ(sql("SELECT sum(count) FROM counters WHERE counter_key = 'send account'"), "60");
  // Each attempt has its number: one that was not counted would have another's.
  std::set<std::string> attempts;
  for (const auto& event : fixture.all_events()) {
    if (event.type != "check.failed") continue;
    EXPECT_TRUE(attempts.insert(event.data).second) << event.data;
  }
  EXPECT_GT(attempts.size(), 20U);
  for (const auto& one : known) {
    fixture.use(one.id);
    if (one.code.empty()) continue;
    EXPECT_LE(fixture.verification().state.attempts, 4);
  }
  EXPECT_EQ(count_events_of(fixture, "check.approved"), approved);
  EXPECT_EQ(sql("SELECT count(*) FROM transactions WHERE claimed_at IS NOT NULL"),
            std::to_string(count_events_of(fixture, "transaction.claimed")));
  EXPECT_EQ(sql("SELECT count(*) FROM transactions WHERE status = 'released'"),
            std::to_string(count_events_of(fixture, "transaction.released")));
}

}  // namespace countersign::testing
