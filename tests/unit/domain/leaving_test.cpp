#include <gtest/gtest.h>

#include "domain/standing/due.h"
#include "standing_world.h"

// A source that the person asked to remove on a page: STD-8 and STD-11. It counts until the removal takes place.
namespace countersign::domain::standing {
namespace {

constexpr Duration kDay = hours(24);

std::optional<Refused> leave(StandingWorld& world, const std::string& name, const std::vector<std::string>& with) {
  std::vector<Proof> proofs;
  for (const auto& one : with) proofs.push_back(world.proof(one));
  static std::uint8_t removals = 200;
  const BindingId removal{id_of(removals++)};
  const auto asked = ask_to_leave(world.history, world.binding(name).id, removal, proofs, world.rules, world.now);
  if (!asked) return asked.error();
  world.history = asked->history;
  return std::nullopt;
}

/// The notice about its removal, if that was asked for, else about its addition, is accepted by that contact, now.
void tell(StandingWorld& world, const std::string& name, const std::string& contact) {
  const Binding& about = world.binding(name);
  world.history = told(world.history, about.leaving ? about.leaving->id : about.id, world.id(contact), world.now);
}

StandingWorld with_one_kind(const std::vector<std::string>& sources) {
  StandingWorld world = known_by(sources);
  world.rules.max_min_kinds = 1;
  return world;
}

TEST(Leaving, CountsUntilThreeDaysAfterSomebodyElseWasTold) {
  StandingWorld world = with_one_kind({"phone", "mailbox", "passkey"});
  ASSERT_EQ(leave(world, "passkey", {"phone"}), std::nullopt);
  EXPECT_FALSE(leaves_at(world.binding("passkey"))) << "nobody was told";
  tell(world, "passkey", "phone");
  EXPECT_FALSE(leaves_at(world.binding("passkey"))) << "the line that asked for it begins nothing";
  tell(world, "passkey", "mailbox");
  const WallTime at = world.now + 3 * kDay;
  EXPECT_EQ(leaves_at(world.binding("passkey")), at);
  EXPECT_EQ(next_due(world.history, world.rules, world.now), at);
  world.at(at - kTick);
  EXPECT_TRUE(world.counted("passkey").own());
  world.at(at);
  EXPECT_EQ(world.counted("passkey").why_not, WhyNot::kGone);
  EXPECT_EQ(world.binding("passkey").gone, (Gone{GoneWhy::kRemoved, at}));
}

TEST(Leaving, TakesAWeekFromTheWebhookWhereNobodyElseCanBeTold) {
  StandingWorld world = with_one_kind({"app", "passkey"});
  ASSERT_EQ(leave(world, "passkey", {"app"}), std::nullopt);
  world.history = webhook_acknowledged(world.history, world.binding("passkey").id, world.now);
  EXPECT_FALSE(leaves_at(world.binding("passkey"))) << "that was about its addition";
  world.history = webhook_acknowledged(world.history, world.binding("passkey").leaving->id, world.now);
  EXPECT_EQ(leaves_at(world.binding("passkey")), world.now + 7 * kDay);
}

TEST(Leaving, TheLastThatIsEnoughStays) {
  StandingWorld world = with_one_kind({"phone", "mailbox"});
  EXPECT_EQ(leave(world, "phone", {"phone"}), Refused::kLastOne) << "a mailbox adds nothing";
  EXPECT_EQ(leave(world, "mailbox", {"phone"}), std::nullopt);
  StandingWorld two = known_by({"phone", "passkey"});
  EXPECT_EQ(leave(two, "passkey", {"phone", "passkey"}), Refused::kLastOne) << "a policy asks for two kinds";
}

TEST(Leaving, WhatLeavesItselfIsNoneThatIsLeft) {
  StandingWorld world = with_one_kind({"phone", "passkey"});
  ASSERT_EQ(leave(world, "phone", {"passkey"}), std::nullopt);
  EXPECT_EQ(leave(world, "passkey", {"phone"}), Refused::kLastOne);
  EXPECT_EQ(leave(world, "phone", {"passkey"}), Refused::kLeaves);
}

TEST(Leaving, IsJudgedAgainWhenItWouldTakePlace) {
  StandingWorld world = with_one_kind({"phone", "mailbox", "passkey"});
  ASSERT_EQ(leave(world, "passkey", {"phone"}), std::nullopt);
  tell(world, "passkey", "mailbox");
  world.pass(kDay);
  ASSERT_EQ(world.end("phone"), std::nullopt);
  const WallTime due = *leaves_at(world.binding("passkey"));
  const auto late = lapse(world.history, world.rules, due);
  EXPECT_EQ(late.not_removed, std::vector{world.binding("passkey").id}) << "so that it can be told";
  EXPECT_TRUE(late.ended.empty());
  world.pass(3 * kDay);
  EXPECT_TRUE(world.counted("passkey").own()) << "the only one that can add others";
  EXPECT_FALSE(world.binding("passkey").leaving);
  EXPECT_EQ(world.binding("passkey").not_removed_at, due);
  ASSERT_EQ(world.give("phone-2"), std::nullopt);
  world.pass(4 * kDay);
  EXPECT_EQ(leave(world, "passkey", {"phone-2"}), std::nullopt) << "now it can be asked for again";
  EXPECT_FALSE(world.binding("passkey").not_removed_at);
}

TEST(Leaving, TakesProofsAsAddingDoes) {
  StandingWorld world = known_by({"phone", "mailbox", "passkey", "app"});
  EXPECT_EQ(leave(world, "app", {"phone"}), Refused::kTooFewKinds);
  EXPECT_EQ(leave(world, "app", {}), Refused::kTooFewKinds);
  StandingWorld one = with_one_kind({"phone", "mailbox", "passkey"});
  EXPECT_EQ(leave(one, "passkey", {"mailbox"}), Refused::kTooWeak);
  std::vector<Proof> old{one.proof("phone")};
  one.pass(minutes(15) + kTick);
  const auto& passkey = one.binding("passkey");
  EXPECT_EQ(ask_to_leave(one.history, passkey.id, {id_of(250)}, old, one.rules, one.now).error(),
            Refused::kOperationTooLong);
}

TEST(Leaving, WhatDoesNotCountYetRemovesNothing) {
  StandingWorld world = with_one_kind({"phone", "mailbox", "passkey"});
  ASSERT_EQ(world.add("app", {"phone"}), std::nullopt);
  world.pass(minutes(1));
  EXPECT_EQ(leave(world, "passkey", {"app"}), Refused::kTooFewKinds) << "it counts as a repeat only";
}

TEST(Leaving, WhoeverWasToldCanStopItAndThenThePageRemovesItNoMore) {
  StandingWorld world = with_one_kind({"phone", "mailbox", "passkey"});
  ASSERT_EQ(leave(world, "passkey", {"phone"}), std::nullopt);
  tell(world, "passkey", "mailbox");
  ASSERT_EQ(world.object("passkey", "mailbox"), std::nullopt);
  EXPECT_TRUE(world.counted("passkey").own()) << "it never stopped, so there is nothing to decide";
  EXPECT_FALSE(world.binding("passkey").stopped);
  EXPECT_EQ(leave(world, "passkey", {"phone"}), Refused::kStays);
  world.pass(30 * kDay);
  EXPECT_EQ(leave(world, "passkey", {"phone"}), Refused::kStays);
  world.pass(kTick);
  EXPECT_EQ(leave(world, "passkey", {"phone"}), std::nullopt);
}

TEST(Leaving, TheApplicationStopsItToo) {
  StandingWorld world = with_one_kind({"phone", "passkey"});
  ASSERT_EQ(leave(world, "passkey", {"phone"}), std::nullopt);
  ASSERT_EQ(world.object("passkey"), std::nullopt);
  EXPECT_FALSE(world.binding("passkey").leaving);
  EXPECT_FALSE(world.binding("passkey").objected_once) << "its objection to the passkey itself is not used up";
}

// Who adds a source and asks for its removal at once must not turn the objection to it into a word for keeping it.
// [STD-11]
TEST(Leaving, AnObjectionToWhatWasAddedStopsItAlthoughItLeaves) {
  for (const char* by : {"mailbox", ""}) {
    StandingWorld world = with_one_kind({"phone", "mailbox", "passkey"});
    ASSERT_EQ(world.add("passkey-thief", {"phone"}), std::nullopt);
    tell(world, "passkey-thief", "mailbox");
    world.pass(minutes(1));
    ASSERT_EQ(leave(world, "passkey-thief", {"phone"}), std::nullopt);
    ASSERT_EQ(*by == '\0' ? world.object("passkey-thief") : world.object("passkey-thief", by), std::nullopt);
    EXPECT_TRUE(world.binding("passkey-thief").stopped) << by;
    EXPECT_EQ(world.counted("passkey-thief").why_not, WhyNot::kStopped) << by;
    EXPECT_TRUE(world.binding("passkey-thief").leaving) << by;
  }
}

// A removal is a change of its own: who objects to it wants the source to stay, and nobody's second word makes it stop.
// [STD-11]
TEST(Leaving, AnObjectionToTheRemovalLeavesTheSourceAsItWas) {
  StandingWorld world = with_one_kind({"phone", "phone-2", "mailbox"});
  ASSERT_EQ(world.add("passkey", {"phone"}), std::nullopt);
  world.pass(4 * kDay);
  ASSERT_TRUE(world.counted("passkey").own());
  const auto before = world.binding("passkey");
  ASSERT_EQ(leave(world, "passkey", {"phone"}), std::nullopt);
  tell(world, "passkey", "mailbox");
  tell(world, "passkey", "phone-2");
  const BindingId removal = world.binding("passkey").leaving->id;
  const auto object_as = [&](const std::string& who) {
    return world.take(object(world.history, removal, who.empty() ? std::nullopt : std::optional(world.id(who)),
                             world.rules, world.now));
  };
  ASSERT_EQ(object_as("mailbox"), std::nullopt);
  for (const char* who : {"phone-2", "mailbox", ""}) EXPECT_EQ(object_as(who), Refused::kUnknownSource) << who;
  auto after = world.binding("passkey");
  EXPECT_EQ(after.stays_since, world.now);
  after.stays_since.reset();
  EXPECT_EQ(after, before) << "nothing else of it changed";
}

TEST(Leaving, WhoWantsTheSourceItselfStoppedObjectsToIt) {
  StandingWorld world = with_one_kind({"phone", "mailbox"});
  ASSERT_EQ(world.add("passkey", {"phone"}), std::nullopt);
  world.pass(4 * kDay);
  ASSERT_EQ(leave(world, "passkey", {"phone"}), std::nullopt);
  const Binding passkey = world.binding("passkey");
  EXPECT_EQ(objected_to(world.history, passkey, world.id("mailbox"), world.rules, world.now), Objected::kRemoval);
  ASSERT_EQ(world.take(object(world.history, passkey.id, world.id("mailbox"), world.rules, world.now)), std::nullopt);
  EXPECT_EQ(world.counted("passkey").why_not, WhyNot::kStopped);
}

TEST(Leaving, OnlyWhoWasToldOfThisRemovalStopsIt) {
  StandingWorld world = with_one_kind({"phone", "mailbox"});
  ASSERT_EQ(world.add("passkey", {"phone"}), std::nullopt);
  world.pass(4 * kDay);
  ASSERT_EQ(leave(world, "passkey", {"phone"}), std::nullopt);
  EXPECT_EQ(world.object("passkey", "mailbox"), Refused::kNotTold) << "of the addition it was";
  // A notice of the addition that comes late says nothing about the removal.
  world.history = told(world.history, world.binding("passkey").id, world.id("mailbox"), world.now);
  EXPECT_FALSE(leaves_at(world.binding("passkey")));
  EXPECT_EQ(world.object("passkey", "mailbox"), Refused::kNotTold);
  tell(world, "passkey", "mailbox");
  const auto kept = stay(world.history, world.binding("passkey").id, world.id("phone"), world.rules, world.now);
  ASSERT_TRUE(kept);
  world.history = kept->history;
  ASSERT_EQ(leave(world, "passkey", {"phone"}), std::nullopt);
  EXPECT_EQ(world.object("passkey", "mailbox"), Refused::kNotTold) << "of another removal";
  tell(world, "passkey", "mailbox");
  EXPECT_EQ(world.object("passkey", "mailbox"), std::nullopt);
}

TEST(Leaving, AThiefOfALineDoesNotTakeThePasskey) {
  StandingWorld world = with_one_kind({"phone", "passkey"});
  ASSERT_EQ(leave(world, "passkey", {"phone"}), std::nullopt);
  const auto kept = stay(world.history, world.binding("passkey").id, world.id("passkey"), world.rules, world.now);
  ASSERT_TRUE(kept) << "the passkey itself is enough";
  world.history = kept->history;
  EXPECT_EQ(leave(world, "passkey", {"phone"}), Refused::kStays);
}

TEST(Leaving, WhoAskedForItMayChangeTheirMindAndAskAgain) {
  StandingWorld world = with_one_kind({"phone", "passkey"});
  ASSERT_EQ(leave(world, "passkey", {"phone"}), std::nullopt);
  const auto kept = stay(world.history, world.binding("passkey").id, world.id("phone"), world.rules, world.now);
  ASSERT_TRUE(kept);
  world.history = kept->history;
  EXPECT_EQ(leave(world, "passkey", {"phone"}), std::nullopt);
  EXPECT_EQ(stay(world.history, world.binding("phone").id, world.id("phone"), world.rules, world.now).error(),
            Refused::kNotStopped);
}

TEST(Leaving, WhatItAddedGoesOn) {
  StandingWorld world = with_one_kind({"phone", "mailbox", "passkey"});
  ASSERT_EQ(world.add("passkey-new", {"passkey"}), std::nullopt);
  world.pass(4 * kDay);
  ASSERT_TRUE(world.counted("passkey-new").own());
  ASSERT_EQ(leave(world, "passkey", {"passkey-new"}), std::nullopt);
  tell(world, "passkey", "mailbox");
  world.pass(3 * kDay);
  EXPECT_TRUE(world.binding("passkey").gone);
  EXPECT_TRUE(world.counted("passkey-new").own()) << "the removal was announced; nobody reported a loss";
}

}  // namespace
}  // namespace countersign::domain::standing
