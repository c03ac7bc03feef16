#include <gtest/gtest.h>

#include "standing_world.h"

// What one service shares with another, as seen there. `there` shares, `here` is judged. [STD-12]
namespace countersign::domain::standing {
namespace {

class SharingOfTwo : public ::testing::Test {
 protected:
  void SetUp() override {
    for (int i = 0; i < 100; ++i) static_cast<void>(there.offer("phone"));  // Its bindings have ids of their own.
  }
  History seen_here() { return with_shared(without_shared(here.history), there.history, {"there", hours(48)}); }
  Counts counted_here(const std::string& name) {
    return counts(seen_here(), here.id(name), here.now, std::max(here.now, there.now));
  }
  void pass(Duration time) {
    here.pass(time);
    there.pass(time);
  }
  void known_here() {
    here.give("phone");
    pass(minutes(1));
    HeldOne tx = here.hold();
    ASSERT_FALSE(here.prove(tx, "phone"));
    pass(hours(96));
  }

  StandingWorld here;
  StandingWorld there;
};

TEST_F(SharingOfTwo, WhatFoundsThereForWhomIsKnownHereCountsOnlyIfSomebodyKnownHereWasTold) {
  known_here();
  there.give("phone-2");
  there.give("mailbox-2");
  pass(hours(24 * 60));
  EXPECT_FALSE(counted_here("phone-2").any());
  EXPECT_FALSE(counted_here("mailbox-2").any());
}

TEST_F(SharingOfTwo, NorBecauseTheNewOnesWereToldOfEachOther) {
  known_here();
  there.give("phone-2");
  pass(hours(25));
  there.give("mailbox-2");  // Told to phone-2 alone.
  pass(hours(24 * 60));
  EXPECT_TRUE(there.counted("mailbox-2").own());
  EXPECT_FALSE(counted_here("mailbox-2").any());
}

TEST_F(SharingOfTwo, ItWaitsFromTheNoticeToWhomIsKnownHere) {
  known_here();
  there.give("phone");
  pass(hours(25));
  const WallTime bound = there.now;
  there.give("mailbox");
  EXPECT_EQ(counted_here("mailbox").counts_from, bound + hours(72));
  pass(hours(72));
  EXPECT_EQ(counted_here("mailbox").counted, Counted::kWaited);
}

TEST_F(SharingOfTwo, WhereNobodyCanBeToldHereItWaitsFromTheWebhook) {
  here.give("app");
  pass(hours(96));
  there.give("app-2");
  pass(hours(25));
  const WallTime bound = there.now;
  there.give("app-3");
  EXPECT_FALSE(counted_here("app-2").any());
  EXPECT_EQ(counted_here("app-3").counts_from, bound + hours(7 * 24));
}

TEST_F(SharingOfTwo, WhatWasBoundThereBeforeCountsAfterTheWaitAlone) {
  there.give("phone");
  there.give("mailbox");
  pass(hours(1));
  here.give("phone");
  pass(hours(47));
  EXPECT_EQ(counted_here("mailbox").counted, Counted::kFounding);
}

TEST_F(SharingOfTwo, WhatEndedHereDoesNotCountByWhatWasBoundThereBefore) {
  there.give("phone");
  here.give("phone");
  here.give("mailbox");
  pass(hours(96));
  ASSERT_TRUE(counted_here("phone").own());
  const WallTime held = here.now;
  here.end("phone");
  EXPECT_EQ(counted_here("phone").why_not, WhyNot::kGone);
  const History seen = seen_here();
  EXPECT_EQ(counts(seen, seen.bindings.back(), held, here.now).why_not, WhyNot::kGone);  // As it is shown.
  const Proof proof{Method::kSms, here.id("phone"), held};
  EXPECT_EQ(voided(seen_here(), std::span(&proof, 1), held, here.now, {}).size(), 1U);
  here.give("phone");  // Bound again it is new.
  EXPECT_EQ(counted_here("phone").why_not, WhyNot::kWaits);
}

TEST_F(SharingOfTwo, NorWhatWasReplacedHere) {
  there.give("phone");
  here.give("phone");
  here.give("mailbox");
  pass(hours(96));
  here.give("phone-2", "phone");
  pass(hours(96));
  EXPECT_TRUE(counted_here("phone-2").own());
  EXPECT_EQ(counted_here("phone").why_not, WhyNot::kGone);
}

TEST_F(SharingOfTwo, WhatIsStoppedHereDoesNotCountByTheOther) {
  known_here();
  there.give("phone");
  there.give("mailbox-2");
  pass(hours(96));
  here.give("mailbox-2");
  here.object("mailbox-2", "phone");
  EXPECT_EQ(counted_here("mailbox-2").why_not, WhyNot::kStopped);
}

TEST_F(SharingOfTwo, WhatWaitsAnewHereWaitsAtLeastAsLong) {
  there.give("phone");
  here.give("phone");
  here.give("mailbox");
  pass(hours(96));
  const WallTime suspected = here.now;
  here.suspect("phone");
  EXPECT_EQ(counted_here("phone").counts_from, suspected + hours(72));
  pass(hours(71));
  EXPECT_FALSE(counted_here("phone").any());
  pass(hours(1));
  EXPECT_TRUE(counted_here("phone").own());
}

TEST_F(SharingOfTwo, WhatStandsBehindASourceThereStandsBehindWhatItAddsHere) {
  there.give("phone");
  pass(hours(96));
  there.give("mailbox");
  ASSERT_FALSE(there.add("app", {"phone"}));
  pass(hours(8 * 24));
  here.rules.max_min_kinds = 1;
  here.history = give(seen_here(), here.offer("app"), here.rules, here.now)->history;
  ASSERT_EQ(here.counted("app").shared_by, "there");
  const std::vector<Proof> by_app{here.proof("app"), here.proof("passkey")};
  const auto added = add(here.history, here.offer("passkey"), by_app, here.rules, here.now);
  ASSERT_TRUE(added) << to_text(added.error());
  const Binding& passkey = *binding_of(added->history, here.id("passkey"));
  EXPECT_NE(std::ranges::find(passkey.added_with, here.id("phone"), &AddedWith::source), passkey.added_with.end());
}

TEST_F(SharingOfTwo, AKindThatEndedHereIsNotNeededToAdd) {
  there.give("phone");
  here.give("phone");
  here.give("app");
  pass(hours(96));
  here.end("phone");
  EXPECT_EQ(kinds_to_add(seen_here(), here.rules, here.now), 1);
}

}  // namespace
}  // namespace countersign::domain::standing
