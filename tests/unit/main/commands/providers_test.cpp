// What an operator says about providers, and what the list of them shows.

#include "main/commands/providers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "main/open_store.h"
#include "store/repository/accounts.h"
#include "store/repository/conversion.h"
#include "store/repository/events.h"
#include "support/fake_time.h"
#include "unit/main/workplace.h"

namespace countersign::main {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ProviderCommands : public ::testing::Test {
 protected:
  void SetUp() override {
    place_.write_secrets();
    const auto loaded = load_config(place_.production(kGoodConfig));
    ASSERT_TRUE(loaded) << loaded.error().sentence;
    config_ = *loaded;
  }

  std::string said(ProvidersCommand::Action action, std::string name = {}) {
    std::ostringstream out, err;
    status_ = run_providers_command(config_, {action, std::move(name)}, clock_, random_, out, err);
    return out.str() + err.str();
  }
  template <class Unit>
  auto in_store(Unit unit) {
    const auto store = open_store(config_, clock_, random_);
    EXPECT_TRUE(store) << store.error().sentence;
    auto done = (*store)->transact_now(unit);
    EXPECT_TRUE(done);
    return *std::move(done);
  }
  /// Types of the events of the account that uses the provider.
  std::vector<std::string> events() {
    return in_store([](store::Tx& tx) {
      std::vector<std::string> types;
      store::EventFilter filter;
      filter.limit = 100;
      const auto account = store::find_account(tx, "default");
      for (const auto& event : store::list_events(tx, *account, filter).rows) types.push_back(event.type);
      return types;
    });
  }

  Workplace place_;
  Config config_;
  testing::FakeClock clock_;
  testing::SeededRandom random_;
  int status_ = 0;
};

TEST_F(ProviderCommands, FreezeAndUnfreezeAreShownAndInTheLog) {
  in_store([&](store::Tx& tx) {
    Moment moment{clock_.now(), random_};
    static_cast<void>(store::ensure_account(tx, "default", moment));
    return Done{};
  });
  EXPECT_THAT(said(ProvidersCommand::Action::kList), Not(HasSubstr("frozen")));
  EXPECT_THAT(said(ProvidersCommand::Action::kFreeze, "hook"), HasSubstr("frozen hook"));
  EXPECT_EQ(status_, 0);
  EXPECT_THAT(said(ProvidersCommand::Action::kList), HasSubstr("weights frozen since"));
  EXPECT_THAT(said(ProvidersCommand::Action::kDrain, "hook"), HasSubstr("drained hook"));
  EXPECT_THAT(said(ProvidersCommand::Action::kList), HasSubstr("weights frozen since")) << "one mark leaves the other";
  EXPECT_THAT(said(ProvidersCommand::Action::kUnfreeze, "hook"), HasSubstr("learned again for hook"));
  EXPECT_THAT(said(ProvidersCommand::Action::kList), Not(HasSubstr("frozen")));
  EXPECT_THAT(said(ProvidersCommand::Action::kList), HasSubstr("drained since"));
  EXPECT_EQ(events(), (std::vector<std::string>{"provider.frozen", "provider.unfrozen"}));
}

TEST_F(ProviderCommands, AnUnknownProviderIsRefused) {
  EXPECT_THAT(said(ProvidersCommand::Action::kFreeze, "nobody"), HasSubstr("there is no provider \"nobody\""));
  EXPECT_NE(status_, 0);
}

TEST_F(ProviderCommands, TheListShowsLearnedShares) {
  in_store([&](store::Tx& tx) {
    Moment moment{clock_.now(), random_};
    store::save_learned(tx, {ServiceId::make(moment), "sms", "BR", "hook"}, {250, 0, 0, moment.now, moment.now});
    store::save_learned(tx, {ServiceId::make(moment), "sms", "PT", "hook"}, {1000, 7, 0, moment.now, moment.now});
    return Done{};
  });
  const auto list = said(ProvidersCommand::Action::kList);
  EXPECT_THAT(list, HasSubstr("learned: 25.0 % of its weight for sms to BR"));
  EXPECT_THAT(list, Not(HasSubstr("to PT"))) << "as configured";
}

TEST(ProviderPlaces, AreConfiguredWithinBounds) {
  const Workplace place;
  place.write_secrets();
  const auto with = [&](std::string_view line) {
    return place.production(
        replaced(std::string(kGoodConfig), "[policies.payout]", std::string(line) + "\n[policies.payout]"));
  };
  const auto config = load_config(with("at_once = 600"));
  ASSERT_TRUE(config) << config.error().sentence;
  EXPECT_EQ(config->at_once, (std::map<std::string, int>{{"hook", 600}}));
  EXPECT_THAT(sentence_of(with("at_once = 0")), HasSubstr("at_once"));
  EXPECT_THAT(sentence_of(with("at_once = 1001")), HasSubstr("at_once"));
}

}  // namespace
}  // namespace countersign::main
