#include "domain/standing/due.h"

#include <gtest/gtest.h>

#include "standing_world.h"

namespace countersign::domain::standing {
namespace {

TEST(NextDue, NothingWhereTimeBringsNothingAbout) {
  StandingWorld world;
  EXPECT_EQ(next_due(world.history, world.rules, world.now), std::nullopt);
  ASSERT_EQ(world.give("phone-1"), std::nullopt);
  EXPECT_EQ(next_due(world.history, world.rules, world.now), std::nullopt);
}

TEST(NextDue, WhenAReplacedSourceEnds) {
  StandingWorld world;
  ASSERT_EQ(world.give("phone-1"), std::nullopt);
  world.pass(hours(48));
  ASSERT_EQ(world.give("phone-2", "phone-1"), std::nullopt);
  const auto due = next_due(world.history, world.rules, world.now);
  ASSERT_TRUE(due);
  EXPECT_EQ(*due, world.now + world.rules.wait);
  EXPECT_TRUE(lapse(world.history, world.rules, *due - kTick).ended.empty());
  EXPECT_FALSE(lapse(world.history, world.rules, *due).ended.empty());
}

TEST(NextDue, WhenAnObjectionLapses) {
  StandingWorld world;
  ASSERT_EQ(world.give("phone-1"), std::nullopt);
  world.pass(hours(48));
  ASSERT_EQ(world.give("phone-2"), std::nullopt);
  ASSERT_EQ(world.object("phone-2", "phone-1"), std::nullopt);
  EXPECT_EQ(next_due(world.history, world.rules, world.now), world.now + world.rules.lapse);
}

TEST(NextDue, WhenTheTimeToTellSomebodyIsOver) {
  StandingWorld world;
  world.reach.clear();
  world.webhook = false;
  ASSERT_EQ(world.give("phone-1"), std::nullopt);
  world.pass(hours(48));
  ASSERT_EQ(world.give("phone-2"), std::nullopt);
  EXPECT_EQ(next_due(world.history, world.rules, world.now), world.now + world.rules.no_notice);
}

TEST(NotBefore, AClockThatWasSetBackUndoesNoLoss) {
  StandingWorld world;
  ASSERT_EQ(world.give("phone-1"), std::nullopt);
  world.pass(hours(1));
  ASSERT_EQ(world.end("phone-1"), std::nullopt);
  EXPECT_EQ(not_before(world.history, kNoon), kNoon + hours(1));
  EXPECT_EQ(not_before(world.history, kNoon + hours(2)), kNoon + hours(2));
}

}  // namespace
}  // namespace countersign::domain::standing
