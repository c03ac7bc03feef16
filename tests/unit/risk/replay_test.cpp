#include "risk/replay.h"

#include <gtest/gtest.h>

namespace countersign::risk {
namespace {

Features payout(double amount, double days) {
  Features features;
  features.set(Feature::kAmount, amount);
  features.set(Feature::kEstablishedDays, days);
  features.words.currency = "BRL";
  return features;
}

TEST(RiskReplay, SaysWhomAndHowMuchTheRulesWouldHaveStopped) {
  const Rule large{"large", {Point::kHold}, *Expression::parse("amount > 5000"), Outcome::kRefuse, false, false};
  const Rule shadow{"shadow", {Point::kHold}, *Expression::parse("amount > 100"), Outcome::kRefuse, true, false};
  const Rule another{"another", {Point::kApprove}, *Expression::parse("amount > 100"), Outcome::kAnotherKind, false,
                     false};
  Replay replay({large, shadow, another});
  const auto small = payout(50, 3);
  const auto middle = payout(500, 3);
  const auto much = payout(9000, 40);
  replay.add({Point::kHold, Outcome::kAllow, small, "ana"});
  replay.add({Point::kHold, Outcome::kRefuse, middle, "bia"});
  replay.add({Point::kHold, Outcome::kNote, much, "eva"});
  replay.add({Point::kHold, Outcome::kAllow, much, "eva"});
  replay.add({Point::kHold, Outcome::kReview, much, "ida"});
  replay.add({Point::kApprove, Outcome::kAllow, much, "eva"});

  EXPECT_EQ(replay.all().decisions, 6);
  EXPECT_EQ(replay.all().people.size(), 4U);
  EXPECT_EQ(replay.stopped().decisions, 2);
  EXPECT_EQ(replay.stopped().people, std::set<std::string>{"eva"});
  EXPECT_EQ(replay.stopped().established, std::set<std::string>{"eva"});
  EXPECT_EQ(replay.stopped().money, (std::map<std::string, double>{{"BRL", 18000}}));
  EXPECT_EQ(replay.missed().people, std::set<std::string>{"bia"});
  EXPECT_EQ(replay.missed().money, (std::map<std::string, double>{{"BRL", 500}}));
  EXPECT_EQ(replay.asked().decisions, 1);
  EXPECT_TRUE(replay.asked().money.empty()) << "counted at its hold";
  EXPECT_EQ(replay.by_rule().at("shadow").decisions, 4);
}

TEST(RiskReplay, APersonWhoHadProvedTheContactIsNotRefusedHerCode) {
  const Rule all{"all", {Point::kSend}, *Expression::parse("true"), Outcome::kRefuse, false, false};
  Replay replay({all});
  Features proved;
  proved.set(Feature::kProvedContact, 1);
  replay.add({Point::kSend, Outcome::kAllow, proved, "ana"});
  EXPECT_EQ(replay.stopped().decisions, 0);
}

}  // namespace
}  // namespace countersign::risk
