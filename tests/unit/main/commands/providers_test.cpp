// What an operator says about providers, and what the list of them shows.

#include "main/commands/providers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "main/commands/api_keys.h"
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
  EXPECT_THAT(events(), ::testing::UnorderedElementsAre("provider.frozen", "provider.drained", "provider.unfrozen"));
}

TEST_F(ProviderCommands, AnUnknownProviderIsRefused) {
  in_store([](store::Tx&) { return Done{}; });
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

class ProvidersCommandTest : public ::testing::Test {
 protected:
  void SetUp() override {
    place_.write_secrets();
    place_.write("countersign.secrets.toml",
                 place_.read("countersign.secrets.toml") +
                     "[providers.other]\nsecret = \"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"\n");
    auto text = replaced(std::string(kGoodConfig), "sms = \"hook\"", "sms = [\"hook\", \"other\"]\nemail = \"other\"");
    text += "[providers.other]\ntype = \"http_hook\"\nurl = \"https://other.example.com/\"\n";
    auto config = load_config(place_.production(text));
    ASSERT_TRUE(config) << config.error().sentence;
    config_ = *std::move(config);
    const ApiKeyCommand key{
        .action = ApiKeyCommand::Action::kCreate, .account = "default", .name = "shop", .expires_in = {}, .id = {}};
    std::ostringstream ignored;
    ASSERT_EQ(run_api_key_command(config_, key, system_clock(), random_, ignored, ignored), 0) << ignored.str();
  }

  /// What it warns of.
  std::string drain(const std::string& name, bool drain = true) {
    using enum ProvidersCommand::Action;
    std::ostringstream out;
    std::ostringstream err;
    EXPECT_EQ(run_providers_command(config_, {drain ? kDrain : kUndrain, name}, system_clock(), random_, out, err), 0);
    return err.str();
  }

  Workplace place_;
  testing::SeededRandom random_;
  Config config_;
};

TEST_F(ProvidersCommandTest, WhereNoneOfAListIsInUseAnyMoreItGoesOnAndIsNamed) {
  EXPECT_EQ(drain("hook"), "") << "the other one is in use";
  EXPECT_EQ(drain("other"),
            "Messages of default sms go on all the same: no other of its providers is in use.\n"
            "Messages of default email go on all the same: no other of its providers is in use.\n");
  EXPECT_EQ(drain("hook", false), "");
  EXPECT_EQ(drain("other"), "Messages of default email go on all the same: no other of its providers is in use.\n");
}

}  // namespace
}  // namespace countersign::main
