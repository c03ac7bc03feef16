// What an operator says about what the fraud rules stopped, and what rules would have done.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "main/commands/api_keys.h"
#include "main/commands/risk.h"
#include "main/open_store.h"
#include "main/settings.h"
#include "store/repository/accounts.h"
#include "store/repository/risk_decisions.h"
#include "support/fake_time.h"
#include "unit/main/workplace.h"

namespace countersign::main {
namespace {

using ::testing::HasSubstr;

class RiskCommands : public ::testing::Test {
 protected:
  using Action = RiskCommand::Action;

  void SetUp() override {
    place_.write_secrets();
    const auto loaded = load_config(place_.production(kGoodConfig));
    ASSERT_TRUE(loaded) << loaded.error().sentence;
    config_ = *loaded;
    std::ostringstream nothing;
    // Makes the database and its account.
    ApiKeyCommand key;
    key.action = ApiKeyCommand::Action::kCreate;
    key.account = "default";
    key.name = "x";
    ASSERT_EQ(run_api_key_command(config_, key, clock_, random_, nothing, nothing), 0) << nothing.str();
  }

  std::string said(RiskCommand command) {
    std::ostringstream out, err;
    status_ = run_risk_command(config_, command, clock_, random_, out, err);
    return out.str() + err.str();
  }
  std::string replayed(const std::filesystem::path& file, std::string since = "14d") {
    RiskCommand command;
    command.action = Action::kReplay;
    command.since = std::move(since);
    command.rules = file;
    return said(command);
  }
  std::string allowed(std::string transaction, std::string as) {
    RiskCommand command;
    command.action = Action::kAllow;
    command.transaction = std::move(transaction);
    command.as = std::move(as);
    return said(command);
  }
  std::string reviews(std::string account = {}) {
    RiskCommand command;
    command.account = std::move(account);
    return said(command);
  }
  template <class Unit>
  auto in_store(Unit unit) {
    const auto store = open_store(config_, clock_, random_);
    EXPECT_TRUE(store) << store.error().sentence;
    auto done = (*store)->transact_now(unit);
    EXPECT_TRUE(done);
    return *std::move(done);
  }
  void decided(risk::Outcome outcome, double amount) {
    in_store([&](store::Tx& tx) {
      Moment moment{clock_.now(), random_};
      risk::Record record;
      record.id = DecisionId::make(moment);
      record.at = moment.now;
      record.subject = SubjectId::make(moment);
      record.decision.point = risk::Point::kHold;
      record.decision.outcome = outcome;
      record.features.set(risk::Feature::kAmount, amount);
      record.features.set(risk::Feature::kEstablishedDays, 50);
      record.features.words.currency = "BRL";
      store::add_decisions(tx, *store::find_account(tx, "default"), {record});
      return Done{};
    });
  }

  Workplace place_;
  Config config_;
  testing::FakeClock clock_;
  testing::SeededRandom random_{7};
  int status_ = 0;
};

TEST_F(RiskCommands, ReplaySaysWhatRulesWouldHaveDone) {
  decided(risk::Outcome::kAllow, 7000);
  clock_.advance(std::chrono::minutes(1));
  decided(risk::Outcome::kRefuse, 100);
  clock_.advance(std::chrono::minutes(1));
  const auto file = place_.dir() / "rules.toml";
  std::ofstream(file) << "[[risk.rules]]\nname = \"large\"\nwhen = \"amount > 5000\"\noutcome = \"review\"\n";
  const std::string text = replayed(file);
  EXPECT_EQ(status_, 0) << text;
  EXPECT_THAT(text, HasSubstr("would be stopped                         1         1            1  7000.00 BRL"));
  EXPECT_THAT(text, HasSubstr("stopped then, and not by these           1         1            1  100.00 BRL"));
  EXPECT_THAT(text, HasSubstr("large matches"));
  clock_.advance(std::chrono::hours(24 * 20));
  EXPECT_THAT(replayed(file), HasSubstr("recorded                                 0"));
}

TEST_F(RiskCommands, AMistakeInTheFileIsNamed) {
  const auto file = place_.dir() / "rules.toml";
  std::ofstream(file) << "[[risk.rules]]\nname = \"large\"\nwhen = \"amont > 5000\"\noutcome = \"review\"\n";
  EXPECT_THAT(replayed(file), HasSubstr("did you mean amount?"));
  EXPECT_EQ(status_, 1);
  EXPECT_THAT(replayed(place_.dir() / "nothing"), HasSubstr("cannot be read"));
  EXPECT_THAT(replayed(file, "soon"), HasSubstr("--since"));
}

TEST_F(RiskCommands, ThereIsNothingToDecide) {
  EXPECT_EQ(reviews(), "");
  EXPECT_THAT(allowed("TX1", "ana"), HasSubstr("no id of a transaction"));
  EXPECT_THAT(allowed("TX00000000000000000000000000000001", "ana"), HasSubstr("no such transaction"));
  EXPECT_THAT(allowed("TX00000000000000000000000000000001", "a b"), HasSubstr("--as"));
  EXPECT_THAT(reviews("nobody"), HasSubstr("no account"));
}

}  // namespace
}  // namespace countersign::main
