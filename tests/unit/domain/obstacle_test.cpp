#include "domain/obstacle.h"

#include <gtest/gtest.h>

namespace countersign::domain {
namespace {

using contact::Channel;
using contact::DeliveryReason;
using contact::DeliveryStage;
using std::chrono::hours;

constexpr WallTime kMetAt{hours(500'000)};
constexpr Duration kMoment{1};

Obstacle landline() { return {Channel::kSms, ObstacleKind::kLandline, kMetAt}; }
Obstacle opted_out() { return {Channel::kSms, ObstacleKind::kOptedOut, kMetAt}; }
Obstacle bounced() { return {Channel::kEmail, ObstacleKind::kBounced, kMetAt}; }

TEST(Obstacle, IsOfOneChannelAndEndsButForAnOptOut) {
  const Obstacles known{opted_out(), landline(), bounced()};
  EXPECT_EQ(obstacle_to(known, Channel::kSms, kMetAt)->kind, ObstacleKind::kOptedOut);
  EXPECT_EQ(obstacle_to(known, Channel::kSms, kMetAt + hours(100'000))->kind, ObstacleKind::kOptedOut);
  EXPECT_FALSE(obstacle_to(known, Channel::kCall, kMetAt));
  EXPECT_FALSE(obstacle_to(known, Channel::kWhatsapp, kMetAt));
  EXPECT_TRUE(obstacle_to({landline()}, Channel::kSms, kMetAt + kLandlineBelieved - kMoment));
  EXPECT_FALSE(obstacle_to({landline()}, Channel::kSms, kMetAt + kLandlineBelieved));
  EXPECT_TRUE(obstacle_to({bounced()}, Channel::kEmail, kMetAt + kBounceBelieved - kMoment));
  EXPECT_FALSE(obstacle_to({bounced()}, Channel::kEmail, kMetAt + kBounceBelieved));
}

TEST(Obstacle, ALandlineStopsOnlyWhoHasNotProvedIt) {
  EXPECT_TRUE(stops_messages(landline(), false));
  EXPECT_FALSE(stops_messages(landline(), true));
  EXPECT_TRUE(stops_messages(opted_out(), false));
  EXPECT_TRUE(stops_messages(opted_out(), true));
  EXPECT_FALSE(stops_messages(bounced(), false));
}

TEST(Obstacle, IsShownByAFailureAlone) {
  using enum DeliveryReason;
  const auto shown = [](Channel channel, DeliveryReason reason, bool sure = true) {
    return obstacle_shown_by(channel, {DeliveryStage::kFailed, reason}, sure);
  };
  EXPECT_EQ(shown(Channel::kSms, kOptedOut), ObstacleKind::kOptedOut);
  EXPECT_EQ(shown(Channel::kWhatsapp, kOptedOut), ObstacleKind::kOptedOut);
  EXPECT_FALSE(shown(Channel::kSms, kOptedOut, false));  // By whoever knows the address of a report.
  EXPECT_EQ(shown(Channel::kSms, kLandline, false), ObstacleKind::kLandline);
  EXPECT_FALSE(shown(Channel::kCall, kLandline));
  for (const auto reason :
       {kInvalidAddress, kUnsupportedAddress, kBlocked, kMisconfigured, kExpired, kUnavailable, kRejected, kUnknown})
    EXPECT_FALSE(shown(Channel::kSms, reason)) << to_text(reason);
  for (const auto reason : {kInvalidAddress, kUnsupportedAddress, kRejected})
    EXPECT_EQ(shown(Channel::kEmail, reason), ObstacleKind::kBounced) << to_text(reason);
  for (const auto reason : {kBlocked, kMisconfigured, kExpired, kUnavailable, kUnknown})
    EXPECT_FALSE(shown(Channel::kEmail, reason)) << to_text(reason);
  EXPECT_FALSE(obstacle_shown_by(Channel::kSms, {DeliveryStage::kDelivered}, true));
  EXPECT_FALSE(obstacle_shown_by(Channel::kSms, {DeliveryStage::kSent}, true));
}

TEST(Obstacle, TheNewestOfAKindIsKeptAndWhatIsOverForgotten) {
  const Obstacle later{Channel::kSms, ObstacleKind::kLandline, kMetAt + hours(1)};
  const auto known = with_obstacle({landline()}, later, kMetAt + hours(1));
  ASSERT_TRUE(known);
  EXPECT_EQ(*known, Obstacles{later});
  EXPECT_FALSE(with_obstacle(*known, landline(), kMetAt + hours(2)));  // Told in another order.
  EXPECT_FALSE(with_obstacle({}, landline(), kMetAt + kLandlineBelieved));
  EXPECT_EQ(with_obstacle({landline()}, opted_out(), kMetAt + hours(30)), Obstacles{opted_out()});
}

TEST(Obstacle, AnArrivalLiftsAllButAnOptOut) {
  EXPECT_EQ(after_arrival({opted_out(), landline(), bounced()}, Channel::kSms), (Obstacles{opted_out(), bounced()}));
  EXPECT_EQ(after_arrival({bounced()}, Channel::kEmail), Obstacles{});
  EXPECT_FALSE(after_arrival({opted_out()}, Channel::kSms));
  EXPECT_FALSE(after_arrival({landline()}, Channel::kCall));
  EXPECT_EQ(without_obstacles({opted_out(), landline(), bounced()}, Channel::kSms), Obstacles{bounced()});
  EXPECT_EQ(without_obstacles({opted_out(), bounced()}, std::nullopt), Obstacles{});
  EXPECT_FALSE(without_obstacles({bounced()}, Channel::kSms));
}

TEST(Obstacle, IsReadBackAsItWasWritten) {
  const Obstacles known{opted_out(), landline(), bounced()};
  EXPECT_EQ(to_text(known),
            "sms opted_out 1800000000000000;sms landline 1800000000000000;email bounced 1800000000000000");
  EXPECT_EQ(parse_obstacles(to_text(known)), known);
  EXPECT_EQ(to_text(Obstacles{}), "");
  EXPECT_EQ(parse_obstacles(""), Obstacles{});
  // Of a newer program, or of nobody.
  EXPECT_EQ(parse_obstacles("fax opted_out 1;sms asleep 1;sms landline;;sms landline x;sms landline 1800000000000000"),
            Obstacles{landline()});
}

TEST(Obstacle, TheLastWordOfItsHolderHolds) {
  const auto said = [](Obstacles known, OptWord word, Duration after) {
    return after_word(std::move(known), Channel::kSms, word, kMetAt + after, kMetAt + hours(9));
  };
  const auto stopped = said({}, OptWord::kStop, hours(1));
  ASSERT_TRUE(stopped);
  EXPECT_TRUE(is_opted_out(*stopped, Channel::kSms));
  EXPECT_FALSE(is_opted_out(*stopped, Channel::kWhatsapp));
  EXPECT_FALSE(said(*stopped, OptWord::kStop, hours(1))) << "repeated";
  EXPECT_FALSE(said(*stopped, OptWord::kStop, hours(0))) << "older";
  EXPECT_FALSE(said(*stopped, OptWord::kStart, hours(1) - kMoment)) << "said before the STOP, and late or repeated";
  EXPECT_EQ(said(*stopped, OptWord::kStart, hours(1)), Obstacles{});
  EXPECT_EQ(said(*stopped, OptWord::kStart, hours(2)), Obstacles{});
  EXPECT_FALSE(said({}, OptWord::kStart, hours(2)));
  const auto again = said(*stopped, OptWord::kStop, hours(3));
  ASSERT_TRUE(again);
  EXPECT_FALSE(said(*again, OptWord::kStart, hours(2))) << "between the two";
}

TEST(Obstacle, AWordFromTheFutureIsOfNow) {
  const auto stopped = after_word({}, Channel::kSms, OptWord::kStop, kMetAt + hours(9'000), kMetAt);
  ASSERT_TRUE(stopped);
  EXPECT_EQ(*stopped, Obstacles{opted_out()}) << "or no START could undo it for a year";
  EXPECT_EQ(after_word({landline(), bounced()}, Channel::kSms, OptWord::kStart, kMetAt, kMetAt), Obstacles{bounced()});
}

}  // namespace
}  // namespace countersign::domain
