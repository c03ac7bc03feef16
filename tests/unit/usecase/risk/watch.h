#pragma once

#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/unit/usecase/script.h"
#include "usecase/risk/blocks.h"
#include "usecase/risk/book.h"
#include "usecase/risk/decision_log.h"
#include "usecase/risk/sending.h"

namespace countersign::testing {

/// The use cases with the rules against pumping in force.
class Watched : public ::testing::Test {
 public:
  /// Each in a prefix of its own.
  static std::string cuban(int person) {
    return fmt::format("+535{}{:02}{:04}", person % 10, person / 10 % 100, 1000 + person);
  }
  static std::string brazilian(int person) { return fmt::format("+55119{:08}", 80'000'000 + person); }

 protected:
  Watched() {
    fixture.record_decisions(log);
    fixture.weigh(book);
    unlimited(fixture);
    pumping().mode = risk::PumpingSettings::Mode::kOn;
    expect("BR", 1'000);
  }

  risk::PumpingSettings& pumping() { return fixture.settings().accounts.at(fixture.account()).pumping; }
  void expect(std::string_view country, std::int64_t codes) { pumping().expected[std::string(country)] = codes; }

  Answer<usecase::Started> ask_whole(const std::string& number) {
    fixture.request().identity = fmt::format("person-{}", ++people_);
    fixture.request().contacts = {{Channel::kSms, number}};
    fixture.hold();
    return fixture.start();
  }
  /// Somebody new asks for a code to the number.
  std::optional<Code> ask(const std::string& number) { return why(ask_whole(number)); }
  std::optional<Code> ask_as(const std::string& identity, const std::string& number) {
    fixture.request().identity = identity;
    fixture.request().contacts = {{Channel::kSms, number}};
    fixture.hold();
    return why(fixture.start());
  }
  /// The code that was sent last is typed.
  std::optional<Code> type() { return why(fixture.check(fixture.code())); }
  void come_from(std::string_view address) { fixture.caller().end_user = IpAddress::parse(address); }

  struct Asked {
    bool safe_listed = false;
    bool risk_check_disabled = false;
  };
  /// Only decides.
  std::optional<Code> decide(const std::string& number, const Asked& asked) {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      usecase::CodeToSend code{fixture.service(), {}, {}, Channel::kSms, number, ""};
      const auto by = fixture.caller().end_user
                          ? fixture.context().vault.digester().blind_index("ip", fixture.caller().end_user->limit_key())
                          : std::string();
      code.asked_by = by;
      code.is_safe_listed = [&] { return asked.safe_listed; };
      code.risk_check_disabled = asked.risk_check_disabled;
      return why(usecase::decide_send({tx, fixture.context(), fixture.caller(), moment}, code));
    });
  }

  /// What a second does.
  void sync(usecase::RiskBook& of) {
    const auto unwritten = of.take_unwritten();
    of.learn(fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::sync_risk(tx, fixture.context(), unwritten, of.seen(), moment);
    }),
             fixture.now());
  }
  void sync() { sync(book); }
  std::vector<store::BlockRow> blocks() {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::list_blocks({tx, fixture.context(), fixture.caller(), moment}, std::nullopt, 50);
    });
  }
  Answer<Done> lift(const BlockId& id) {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      auto caller = fixture.caller();
      caller.may_administer = true;
      return usecase::lift_block({tx, fixture.context(), caller, moment}, id);
    });
  }
  std::vector<std::string> account_events() {
    std::vector<std::string> types;
    for (const auto& event : fixture.all_events()) types.push_back(event.type);
    return types;
  }
  std::int32_t unverified(std::string_view country) {
    risk::Keys keys;
    keys.country = country;
    return book.figures({fixture.account(), keys}, 0, fixture.now()).country->totals.day.sent;
  }
  /// The newest decision.
  risk::Record last() {
    for (auto& [account, records] : log.take()) {
      for (auto& record : records) decisions_.push_back(std::move(record));
    }
    return decisions_.back();
  }
  static std::vector<std::string> rules_of(const risk::Record& record) {
    std::vector<std::string> names;
    for (const auto& match : record.decision.matches) names.push_back(match.rule);
    return names;
  }

  /// Of another node. It outlives the store, whose threads may drop a count last.
  usecase::RiskBook& new_book(std::size_t keys_max = usecase::RiskBook::kKeysMax) {
    return *more_books_.emplace_back(std::make_unique<usecase::RiskBook>(keys_max));
  }

 private:
  std::vector<std::unique_ptr<usecase::RiskBook>> more_books_;

 protected:
  usecase::RiskBook book;
  usecase::DecisionLog log;
  Fixture fixture;

 private:
  int people_ = 0;
  std::vector<risk::Record> decisions_;
};

}  // namespace countersign::testing
