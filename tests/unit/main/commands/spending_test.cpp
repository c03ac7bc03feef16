// One switch for all messages that cost money, by the command.

#include "main/commands/spending.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "main/open_store.h"
#include "store/repository/accounts.h"
#include "store/repository/events.h"
#include "support/fake_time.h"
#include "unit/main/workplace.h"
#include "usecase/spending/switch.h"

namespace countersign::main {
namespace {

using ::testing::HasSubstr;
using Action = SpendingCommand::Action;

class SpendingCommands : public ::testing::Test {
 protected:
  template <class Unit>
  auto in_store(Unit unit) {
    const auto store = open_store(config_, clock_, random_);
    EXPECT_TRUE(store) << store.error().sentence;
    auto done = (*store)->transact_now(unit);
    EXPECT_TRUE(done);
    return *std::move(done);
  }
  void SetUp() override {
    place_.write_secrets();
    const auto loaded = load_config(place_.production(kGoodConfig));
    ASSERT_TRUE(loaded) << loaded.error().sentence;
    config_ = *loaded;
    in_store([&](store::Tx& tx) {
      Moment moment{clock_.now(), random_};
      for (const auto* name : {"default", "other"}) static_cast<void>(store::ensure_account(tx, name, moment));
      return Done{};
    });
  }
  std::string said(Action action, std::string account = {}) {
    std::ostringstream out, err;
    status_ = run_spending_command(config_, {action, std::move(account)}, clock_, random_, out, err);
    return out.str() + err.str();
  }
  bool is_stopped(const char* account) {
    return in_store(
        [&](store::Tx& tx) { return usecase::stopped_at(tx, *store::find_account(tx, account)).has_value(); });
  }
  std::size_t events(const char* account) {
    return in_store([&](store::Tx& tx) {
      store::EventFilter filter;
      filter.limit = 100;
      return store::list_events(tx, *store::find_account(tx, account), filter).rows.size();
    });
  }

  Workplace place_;
  Config config_;
  testing::FakeClock clock_;
  testing::SeededRandom random_;
  int status_ = 0;
};

TEST_F(SpendingCommands, StopAndStartAllAccountsOrOne) {
  EXPECT_THAT(said(Action::kStop), HasSubstr("stopped all messages of all accounts"));
  EXPECT_TRUE(is_stopped("default"));
  EXPECT_TRUE(is_stopped("other"));
  EXPECT_EQ(events("default"), 1U);
  EXPECT_EQ(events("other"), 1U);
  EXPECT_THAT(said(Action::kShow), HasSubstr("all spending is stopped since 20"));
  said(Action::kStart);
  EXPECT_FALSE(is_stopped("default"));
  said(Action::kStop, "other");
  EXPECT_FALSE(is_stopped("default"));
  EXPECT_TRUE(is_stopped("other"));
  EXPECT_EQ(events("default"), 2U);
  EXPECT_EQ(events("other"), 3U);
  EXPECT_EQ(status_, 0);
  EXPECT_THAT(said(Action::kStop, "nobody"), HasSubstr("there is no account \"nobody\""));
  EXPECT_EQ(status_, 1);
}

}  // namespace
}  // namespace countersign::main
