// Places that the rules against pumping have closed, by the command.

#include "main/commands/risk_blocks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "main/open_store.h"
#include "store/repository/accounts.h"
#include "store/repository/risk_counts.h"
#include "support/fake_time.h"
#include "unit/main/workplace.h"

namespace countersign::main {
namespace {

using ::testing::HasSubstr;

class RiskBlocksCommands : public ::testing::Test {
 protected:
  template <class Unit>
  auto in_blocks_store(Unit unit) {
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
    in_blocks_store([&](store::Tx& tx) {
      Moment moment{clock_.now(), random_};
      store::BlockRow row;
      row.account = store::ensure_account(tx, "default", moment);
      row.kind = risk::Kind::kCountry;
      row.key = "TJ";
      row.id = id_ = BlockId::make(moment);
      row.rule = "country_day";
      row.block = risk::next_block(std::nullopt, false, false, moment.now);
      store::save_block(tx, row, 1);
      return Done{};
    });
  }
  std::string said(std::string lift = {}, std::string account = {}) {
    std::ostringstream out, err;
    status_ = run_risk_blocks_command(config_, {std::move(lift), std::move(account)}, clock_, random_, out, err);
    return out.str() + err.str();
  }

  Workplace place_;
  Config config_;
  testing::FakeClock clock_;
  testing::SeededRandom random_;
  BlockId id_;
  int status_ = 0;
};

TEST_F(RiskBlocksCommands, ListAndOpen) {
  EXPECT_THAT(said(), HasSubstr(id_.text() + "  default  country TJ  by country_day, until "));
  EXPECT_THAT(said({}, "other"), HasSubstr("no place is closed"));
  EXPECT_THAT(said(id_.text()), HasSubstr("open"));
  EXPECT_EQ(status_, 0);
  EXPECT_THAT(said(), HasSubstr("no place is closed"));
  EXPECT_THAT(said(id_.text()), HasSubstr("no such place is closed"));
  EXPECT_NE(status_, 0);
  EXPECT_THAT(said("x"), HasSubstr("no id"));
}

}  // namespace
}  // namespace countersign::main
