#include <gtest/gtest.h>

#include "standing_world.h"

// Who may stop a change, how often, and what suspicion reaches.
namespace countersign::domain::standing {
namespace {

constexpr Duration kADay = hours(24);

TEST(STD11, OnceByWhoWasToldOrByTheApplication) {
  StandingWorld world = known_by({"phone", "mailbox"});
  world.give("phone-2");
  EXPECT_EQ(world.object("phone-2", "app"), Refused::kNotTold);
  EXPECT_FALSE(world.object("phone-2", "mailbox"));
  EXPECT_EQ(world.counted("phone-2").why_not, WhyNot::kStopped);
  EXPECT_EQ(world.object("phone-2"), Refused::kObjectedBefore);
}

// A thief who objects first must not use up the objection of anybody else.
TEST(STD11, EachContactOnceAndTheApplicationOnceUntilItWasDecided) {
  StandingWorld world = known_by({"phone", "mailbox"});
  const auto until_it_lapses = [&] {
    world.pass(world.rules.lapse);
    world.take(lapse(world.history, world.rules, world.now));
  };
  world.give("phone-2");
  EXPECT_FALSE(world.object("phone-2", "mailbox"));
  EXPECT_EQ(world.object("phone-2", "phone"), Refused::kObjectedBefore) << "it is stopped already";
  until_it_lapses();
  EXPECT_EQ(world.object("phone-2", "mailbox"), Refused::kObjectedBefore);
  EXPECT_FALSE(world.object("phone-2", "phone"));
  until_it_lapses();
  EXPECT_FALSE(world.object("phone-2"));
  until_it_lapses();
  EXPECT_EQ(world.object("phone-2"), Refused::kObjectedBefore);

  world.give("phone-3");
  EXPECT_FALSE(world.object("phone-3", "mailbox"));
  ASSERT_FALSE(world.decide("phone-3", true));
  EXPECT_EQ(world.object("phone-3", "phone"), Refused::kObjectedBefore) << "it was decided";
}

// Whoever has the link says "it wasn't me".
TEST(STD11, DisowningUsesUpNobodysObjectionAndStopsOnce) {
  StandingWorld world = known_by({"phone", "mailbox"});
  world.give("phone-2");
  const auto disown_it = [&] {
    return world.take(disown(world.history, world.binding("phone-2").id, world.rules, world.now));
  };
  ASSERT_FALSE(disown_it());
  EXPECT_EQ(world.counted("phone-2").why_not, WhyNot::kStopped);
  EXPECT_EQ(disown_it(), Refused::kObjectedBefore);
  world.pass(world.rules.lapse);
  EXPECT_EQ(disown_it(), Refused::kObjectedBefore);
  EXPECT_FALSE(world.object("phone-2", "phone"));
}

// A swapped SIM of today says nothing about what its owner was told of years ago.
TEST(STD11, AContactObjectsWithinThirtyDaysAndTheApplicationAlways) {
  StandingWorld world = known_by({"phone", "mailbox"});
  world.pass(30 * kADay + Duration(1));
  EXPECT_EQ(world.object("mailbox", "phone"), Refused::kNotTold);
  EXPECT_TRUE(world.counted("mailbox").own());
  EXPECT_FALSE(world.object("mailbox"));
}

// A swap that is heard of only after the line was replaced: what the line had added may be the thief's.
TEST(STD11, ASuspicionReachesWhatASourceAddedThatIsNotThereAnyMore) {
  StandingWorld world = known_by({"phone", "mailbox"});
  world.rules.max_min_kinds = 1;
  ASSERT_FALSE(world.add("app", {"phone"}));
  ASSERT_FALSE(world.give("phone-2", "phone"));
  world.history = told(world.history, world.binding("phone-2").id, world.id("mailbox"), world.now);
  world.pass(4 * kADay);
  world.take(lapse(world.history, world.rules, world.now));
  ASSERT_EQ(world.counted("phone").why_not, WhyNot::kGone);
  ASSERT_TRUE(world.counted("app").any());
  EXPECT_FALSE(world.suspect("phone"));
  EXPECT_FALSE(world.counted("app").any());
  EXPECT_TRUE(world.counted("phone-2").own());
}

TEST(STD11, WhatAnObjectionTookInsideATransactionDoesNotComeBackInsideIt) {
  StandingWorld world = known_by({"phone", "mailbox"});
  const WallTime held = world.now;
  world.pass(minutes(1));
  ASSERT_FALSE(world.object("mailbox", "phone"));
  world.pass(minutes(1));
  const WallTime during = world.now;
  world.pass(minutes(1));
  ASSERT_FALSE(world.decide("mailbox", true));
  EXPECT_FALSE(counts(world.history, world.id("mailbox"), held, world.now).any());
  EXPECT_EQ(counts(world.history, world.id("mailbox"), during, world.now).counts_from, world.now);
  EXPECT_TRUE(world.counted("mailbox").own());
}

TEST(STD11, WhatTookPartInTheChangeDoesNotDecideAboutIt) {
  StandingWorld world = known_by({"phone", "mailbox"});
  ASSERT_FALSE(world.object("mailbox", "phone")) << "a later founding source told the first";
  ASSERT_FALSE(world.add("app", {"phone"}));
  world.history = told(world.history, world.binding("app").id, world.id("mailbox"), world.now);
  ASSERT_FALSE(world.object("app", "mailbox"));
  EXPECT_EQ(world.decide("app", true, "app"), Refused::kMayNotDecide);
  EXPECT_EQ(world.decide("app", true, "phone"), Refused::kMayNotDecide) << "it added it";
  EXPECT_EQ(world.decide("app", true, "mailbox"), Refused::kMayNotDecide) << "it is stopped itself";
  EXPECT_FALSE(world.decide("mailbox", true, "phone"));
  EXPECT_FALSE(world.decide("app", false, "mailbox"));
  EXPECT_EQ(world.counted("app").why_not, WhyNot::kGone);
}

TEST(STD11, AnObjectionLapsesAtItsTimeHoweverLateThatIsNoticed) {
  StandingWorld world = known_by({"phone"});
  world.give("phone-2");
  ASSERT_FALSE(world.object("phone-2", "phone"));
  const WallTime due = world.now + hours(72);
  EXPECT_TRUE(lapse(world.history, world.rules, due - kTick).announce.empty());
  const Change change = lapse(world.history, world.rules, due + 5 * kADay);
  EXPECT_EQ(change.announce.size(), 1U);
  EXPECT_EQ(change.history.bindings.back().waits_anew_since, due);
  EXPECT_FALSE(counts(change.history, world.id("phone-2"), due + 5 * kADay, due + 5 * kADay).any())
      << "told anew first";
}

}  // namespace
}  // namespace countersign::domain::standing
