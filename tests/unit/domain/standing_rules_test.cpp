#include <gtest/gtest.h>

#include "standing_world.h"

// What the journeys do not say by themselves: boundaries, late notices, and each rule where another might hide it.
// Suites are named by the rules of docs/standing.md.
namespace countersign::domain::standing {
namespace {

constexpr Duration kDay = hours(24);

/// Bound now, and nobody has been told yet.
History given_silently(StandingWorld& world, const std::string& name) {
  return give(world.history, world.offer(name), world.rules, world.now)->history;
}

TEST(STD1, BoundOneInstantAfterTheHoldIsTooLate) {
  StandingWorld world;
  world.give("phone");
  EXPECT_TRUE(counts(world.history, world.id("phone"), kNoon, kNoon).own());
  const Counts late = counts(world.history, world.id("phone"), kNoon - kTick, kNoon);
  EXPECT_EQ(late.why_not, WhyNot::kBoundLater);
  EXPECT_EQ(late.counts_from, kNoon);
}

TEST(STD1, GainsAreJudgedAsOfTheHold) {
  StandingWorld world = known_by({"phone"});
  world.give("phone-2");
  const WallTime held = world.now;
  world.pass(30 * kDay);
  EXPECT_FALSE(counts(world.history, world.id("phone-2"), held, world.now).any());
  EXPECT_TRUE(counts(world.history, world.id("phone-2"), held + 3 * kDay, world.now).own());
  EXPECT_FALSE(counts(world.history, world.id("phone-2"), held + 3 * kDay - kTick, world.now).any());
}

TEST(STD1, LossesAreJudgedAsOfNow) {
  StandingWorld world = known_by({"phone", "mailbox"});
  const HeldOne held = world.hold();
  world.pass(minutes(5));
  world.end("phone");
  EXPECT_EQ(counts(world.history, world.id("phone"), held.held_at, world.now).why_not, WhyNot::kGone);
  EXPECT_FALSE(counts(world.history, world.id("mailbox"), held.held_at, world.now).why_not == WhyNot::kGone);
}

TEST(STD1, AFirstSourceByTheLinkCountsOnlyWhereThePolicySaysSo) {
  StandingWorld world;
  world.take(found_by_link(world.history, world.offer("app"), world.rules, world.now));
  EXPECT_FALSE(counts(world.history, world.id("app"), world.now - minutes(1), world.now).any());
  Terms trusting;
  trusting.trust_on_first_use = true;
  EXPECT_TRUE(counts(world.history, world.id("app"), world.now - minutes(1), world.now, trusting).own());
  world.give("phone");
  EXPECT_FALSE(counts(world.history, world.id("phone"), world.now - minutes(1), world.now, trusting).any());
}

TEST(STD2, FoundingLastsADayFromTheFirstSource) {
  StandingWorld world;
  world.give("phone");
  world.pass(kDay);
  world.give("mailbox");
  EXPECT_EQ(world.counted("mailbox").counted, Counted::kFounding);
  world.pass(kTick);
  world.give("app");
  EXPECT_FALSE(world.counted("app").any());
}

TEST(STD2, FoundingEndsWithTheFirstProof) {
  StandingWorld world;
  world.give("phone");
  world.pass(minutes(1));
  HeldOne tx = world.hold();
  EXPECT_FALSE(world.prove(tx, "phone"));
  world.give("mailbox");
  EXPECT_FALSE(world.counted("mailbox").any());
  EXPECT_EQ(world.counted("phone").counted, Counted::kFounding);
}

TEST(STD2, LosingEverythingFoundsNothing) {
  StandingWorld world;
  world.give("phone");
  world.pass(2 * kDay);
  world.end("phone");
  world.give("phone-his");
  EXPECT_FALSE(world.counted("phone-his").any());
}

TEST(STD3, TheWaitBeginsWithTheAcceptedNoticeAndNotWithTheBinding) {
  StandingWorld world = known_by({"phone"});
  const WallTime bound = world.now;
  History history = given_silently(world, "phone-2");
  const BindingId about = history.bindings.back().id;
  EXPECT_EQ(counts(history, world.id("phone-2"), bound, bound).why_not, WhyNot::kNotTold);
  history = told(std::move(history), about, world.id("phone"), bound + hours(5));
  EXPECT_EQ(counts(history, world.id("phone-2"), bound, bound + hours(5)).counts_from, bound + hours(77));
  history = told(std::move(history), about, world.id("phone"), bound + hours(9));
  EXPECT_EQ(counts(history, world.id("phone-2"), bound, bound + hours(9)).counts_from, bound + hours(77));
}

TEST(STD3, ANoticeToTheNewSourceOrToWhatAddedItBeginsNothing) {
  StandingWorld world = known_by({"phone"});
  world.reach.clear();
  world.webhook = false;
  ASSERT_FALSE(world.add("phone-2", {"phone"}));
  History history = world.history;
  const BindingId about = history.bindings.back().id;
  history = told(std::move(history), about, world.id("phone-2"), world.now);
  history = told(std::move(history), about, world.id("phone"), world.now);
  EXPECT_FALSE(history.bindings.back().waiting.told_at);
  // The line that added it was told all the same: it may object.
  EXPECT_EQ(history.bindings.back().told, std::vector<Id>{world.id("phone")});
}

TEST(STD3, TheWebhookCountsOnlyWhereNobodyWasToldInTime) {
  StandingWorld world = known_by({"phone"});
  const WallTime bound = world.now;
  History history = given_silently(world, "phone-2");
  const BindingId about = history.bindings.back().id;
  history = webhook_acknowledged(std::move(history), about, bound + hours(1));
  const auto from = [&](const History& of) { return counts(of, world.id("phone-2"), bound, bound).counts_from; };
  EXPECT_EQ(from(history), bound + hours(169));
  EXPECT_EQ(from(told(history, about, world.id("phone"), bound + hours(24))), bound + hours(96));
  // Told late: both waits are open, and the earlier one is taken.
  EXPECT_EQ(from(told(history, about, world.id("phone"), bound + hours(30))), bound + hours(102));
  EXPECT_EQ(from(told(history, about, world.id("phone"), bound + hours(150))), bound + hours(169));
}

TEST(STD3, TheWebhookDoesNotCountWhileANoticeIsKeptBack) {
  StandingWorld world = known_by({"phone"});
  const WallTime bound = world.now;
  History history = given_silently(world, "phone-2");
  const BindingId about = history.bindings.back().id;
  history = webhook_acknowledged(std::move(history), about, bound + hours(1));
  const auto from = [&](const History& of) { return counts(of, world.id("phone-2"), bound, bound).counts_from; };
  const KeptBack to_phone{about, world.id("phone"), bound + hours(192)};
  const History later = kept_back(history, std::span(&to_phone, 1));
  EXPECT_EQ(from(later), bound + hours(192));
  EXPECT_EQ(from(told(later, about, world.id("phone"), bound + hours(150))), bound + hours(222));
  // One to the source itself begins nothing, so nobody waits for it.
  const KeptBack to_itself{about, world.id("phone-2"), bound + hours(192)};
  EXPECT_EQ(from(kept_back(history, std::span(&to_itself, 1))), bound + hours(169));
  // It never makes the time shorter.
  const KeptBack earlier{about, world.id("phone"), bound + hours(2)};
  EXPECT_EQ(from(kept_back(later, std::span(&earlier, 1))), bound + hours(192));
}

TEST(STD3, WhatWaitsAnewIsToldWithinItsOwnTime) {
  StandingWorld world = known_by({"phone", "mailbox"});
  History history = given_silently(world, "phone-2");
  const KeptBack kept{history.bindings.back().id, world.id("phone"), world.now + hours(192)};
  history = kept_back(std::move(history), std::span(&kept, 1));
  history = suspect(std::move(history), world.id("phone-2"), world.rules, world.now + hours(1))->history;
  EXPECT_EQ(history.bindings.back().waiting.tell_until, world.now + hours(25));
}

TEST(STD3, ALongerWaitIsNotWalkedAroundByTheWebhook) {
  StandingWorld world = known_by({"phone"});
  world.rules.wait = world.rules.wait_alone = 20 * kDay;
  world.give("phone-2");
  world.rules.wait_alone = kDay;
  world.give("phone-3");
  EXPECT_EQ(world.counted("phone-2").counts_from, world.now + 20 * kDay);
  EXPECT_EQ(world.counted("phone-3").counts_from, world.now + 20 * kDay);
}

TEST(STD3, APolicyLengthensTheWaitAndNeverShortensIt) {
  StandingWorld world = known_by({"phone"});
  world.give("phone-2");
  Terms terms;
  terms.wait = hours(1);
  EXPECT_EQ(world.counted("phone-2", terms).counts_from, world.now + hours(72));
  terms.wait = hours(100);
  EXPECT_EQ(world.counted("phone-2", terms).counts_from, world.now + hours(100));
  EXPECT_EQ(world.counted("phone", terms).counted, Counted::kFounding);
}

TEST(STD3, AnAcceptanceFromBeforeTheWaitBeganAnewDoesNotCount) {
  StandingWorld world = known_by({"phone", "mailbox"});
  History history = suspect(world.history, world.id("phone"), world.rules, world.now)->history;
  const BindingId about = history.bindings.front().id;
  history = told(std::move(history), about, world.id("mailbox"), world.now - kTick);
  history = webhook_acknowledged(std::move(history), about, world.now - kTick);
  EXPECT_EQ(counts(history, world.id("phone"), world.now, world.now).why_not, WhyNot::kNotTold);
}

TEST(STD3, ASettingThatChangesLaterMovesNoWaitThatRuns) {
  StandingWorld world = known_by({"phone"});
  world.give("phone-2");
  world.rules.wait = hours(1);
  world.pass(hours(2));
  EXPECT_FALSE(world.counted("phone-2").any());
}

TEST(STD4, AsManyKindsAsSheHasCountingUpToTheLargestOfTheService) {
  StandingWorld world = known_by({"phone", "mailbox", "passkey"});
  EXPECT_EQ(kinds_to_add(world.history, world.rules, world.now), 2);
  EXPECT_EQ(world.add("app", {"passkey"}), Refused::kTooFewKinds);
  world.rules.max_min_kinds = 3;
  EXPECT_EQ(world.add("app", {"passkey", "phone"}), Refused::kTooFewKinds);
  EXPECT_FALSE(world.add("app", {"mailbox", "phone", "passkey"}));
  EXPECT_EQ(world.binding("app").added_with.front().method, Method::kSms) << "the first strong one";
}

TEST(STD4, AllProofsWithinTheOperationAndOneFromTheNewSource) {
  StandingWorld world = known_by({"phone"});
  const Proof known = world.proof("phone");
  const Proof fresh = world.proof("app");
  const auto tried = [&](const std::vector<Proof>& proofs, Duration later) {
    const auto changed = add(world.history, world.offer("app"), proofs, world.rules, world.now + later);
    return changed ? std::nullopt : std::optional(changed.error());
  };
  EXPECT_EQ(tried({known, fresh}, minutes(15)), std::nullopt);
  EXPECT_EQ(tried({known, fresh}, minutes(15) + kTick), Refused::kOperationTooLong);
  EXPECT_EQ(tried({known}, minutes(1)), Refused::kNewSourceNotProved);
  EXPECT_EQ(tried({fresh}, minutes(1)), Refused::kTooFewKinds);
}

TEST(STD4, AMailboxOrRecoveryCodesAloneAddNothing) {
  StandingWorld world = known_by({"mailbox", "codes"});
  EXPECT_EQ(world.add("app", {"mailbox"}), Refused::kTooWeak);
  EXPECT_EQ(world.add("app", {"codes"}), Refused::kTooWeak);
  EXPECT_EQ(world.add("app", {"mailbox", "codes"}), Refused::kTooWeak);
}

TEST(STD4, OnlyEstablishedSourcesAddOthers) {
  StandingWorld world = known_by({"phone"});
  ASSERT_FALSE(world.add("app", {"phone"}));
  EXPECT_EQ(world.add("passkey", {"app"}), Refused::kTooFewKinds);
  world.give("phone-2");
  EXPECT_EQ(world.add("passkey", {"phone-2"}), Refused::kTooFewKinds);
  EXPECT_EQ(world.add("app", {"phone"}), Refused::kAlreadyBound);
}

TEST(STD4, WhatStandsBehindASourceAddedLatelyStandsBehindWhatItAdds) {
  for (const bool lately : {true, false}) {
    StandingWorld world = known_by({"phone", "mailbox"});
    world.rules.max_min_kinds = 1;
    ASSERT_FALSE(world.add("app", {"phone"}));
    world.pass(30 * kDay + (lately ? Duration(0) : kTick));
    ASSERT_FALSE(world.add("passkey", {"app"}));
    const auto both = std::vector{world.id("phone"), world.id("mailbox")};
    EXPECT_EQ(world.binding("passkey").told, lately ? std::vector{world.id("mailbox")} : both);
    EXPECT_EQ(world.counted("passkey").repeat_of, Method::kTotp);
    world.end("phone");
    EXPECT_EQ(world.counted("passkey").any(), !lately);
  }
}

TEST(STD4, AProofForATransactionAddsNothingAndAnOperationProvesNothing) {
  StandingWorld world;
  world.give("phone");
  ASSERT_FALSE(world.add("app", {"phone"}));
  EXPECT_FALSE(world.history.first_proof_at);
  HeldOne tx = world.hold();
  ASSERT_FALSE(world.prove(tx, "phone"));
  EXPECT_EQ(world.history.bindings.size(), 2U);
}

TEST(STD5, AVouchWaitsADayFromTheNotice) {
  StandingWorld world = known_by({"phone"});
  world.vouch("phone-2");
  EXPECT_EQ(world.counted("phone-2").counts_from, world.now + kDay);
  world.pass(kDay - kTick);
  EXPECT_FALSE(world.counted("phone-2").any());
  world.pass(kTick);
  EXPECT_EQ(world.counted("phone-2").counted, Counted::kVouched);
}

TEST(STD5, WithoutANoticeAndWithoutAWebhookAVouchDoesNotCount) {
  StandingWorld world = known_by({"app"});
  world.webhook = false;
  world.vouch("phone-2");
  world.pass(100 * kDay);
  EXPECT_EQ(world.counted("phone-2").why_not, WhyNot::kNotTold);
}

TEST(STD5, AShortWaitOfAVouchDoesNotOutrunTheNotices) {
  StandingWorld world = known_by({"phone"});
  world.rules.vouch_wait = hours(1);
  world.reach.clear();
  world.vouch("phone-2");
  EXPECT_EQ(world.counted("phone-2").counts_from, world.now + world.rules.no_notice);
}

TEST(STD5, AVouchHelpsWhatWaitsAlready) {
  StandingWorld world = known_by({"phone"});
  world.give("phone-2");
  world.pass(hours(1));
  world.vouch("phone-2");
  EXPECT_EQ(world.counted("phone-2").counts_from, world.now + kDay);
  world.pass(hours(1));
  EXPECT_FALSE(world.vouch("phone-2"));
  EXPECT_EQ(world.counted("phone-2").counts_from, world.now - hours(1) + kDay) << "again: moves nothing";
}

TEST(STD6, TheLinkBindsNothingWhereAnythingWasEverKnown) {
  StandingWorld world;
  world.give("phone");
  world.end("phone");
  const auto tried = [&](const History& history) {
    return found_by_link(history, world.offer("app"), world.rules, world.now).has_value();
  };
  EXPECT_FALSE(tried(world.history));
  EXPECT_FALSE(tried(close_founding({}, world.now)));
  EXPECT_TRUE(tried({}));
}

TEST(STD7, WhoIsTold) {
  StandingWorld world = known_by({"phone", "mailbox", "app", "phone-old"});
  world.give("phone-waits");  // Neither proved nor founded.
  world.end("phone-old");
  const auto everybody = [](const Binding&) { return true; };
  const auto all = [&](Duration later, Reach reach) {
    return contacts_to_tell(world.history, world.rules, world.now + later, reach);
  };
  EXPECT_EQ(all(30 * kDay, everybody), (std::vector{world.id("phone"), world.id("mailbox"), world.id("phone-old")}));
  EXPECT_EQ(all(30 * kDay + kTick, everybody), (std::vector{world.id("phone"), world.id("mailbox")}));
  EXPECT_EQ(all(kDay, [](const Binding& b) { return b.kind == Kind::kEmail; }), std::vector{world.id("mailbox")});
  EXPECT_EQ(others_to_tell(world.history, world.binding("phone"), world.rules, world.now, everybody),
            (std::vector{world.id("mailbox"), world.id("phone-old")}));
}

TEST(STD8, WhatALostSourceAddedInThirtyDaysWaitsAnew) {
  for (const bool late : {false, true}) {
    StandingWorld world = known_by({"phone", "mailbox"});
    world.rules.max_min_kinds = 1;
    ASSERT_FALSE(world.add("app", {"phone"}));
    world.pass(30 * kDay + (late ? kTick : Duration(0)));
    ASSERT_TRUE(world.counted("app").own());
    world.end("phone", GoneWhy::kRemoved);
    EXPECT_EQ(world.counted("app").own(), late);
  }
}

TEST(STD8, WhatAnObjectedSourceAddedWaitsAnewToo) {
  StandingWorld world = known_by({"mailbox", "phone"});
  world.give("phone-his");
  world.pass(3 * kDay);
  ASSERT_FALSE(world.add("app-his", {"phone-his", "mailbox"}));
  ASSERT_FALSE(world.object("phone-his", "mailbox"));
  ASSERT_FALSE(world.decide("phone-his", false));
  EXPECT_EQ(world.counted("app-his").why_not, WhyNot::kWaitsAnew);
}

TEST(STD8, AReplacementThatIsLostLaterDoesNotBringTheOldOneBack) {
  StandingWorld world = known_by({"phone"});
  world.give("phone-2", "phone");
  const WallTime due = world.now + hours(72);
  world.pass(10 * kDay);
  EXPECT_EQ(world.binding("phone").gone, (Gone{GoneWhy::kReplaced, due})) << "as of when it was due";
  world.end("phone-2");
  EXPECT_FALSE(world.counted("phone").any());
  EXPECT_FALSE(counts(world.history, world.id("phone"), due - hours(1), world.now).any());
}

TEST(STD8, AReplacementThatIsLostBeforeLeavesTheOldOne) {
  StandingWorld world = known_by({"phone"});
  world.give("phone-2", "phone");
  world.pass(kDay);
  world.end("phone-2");
  world.pass(10 * kDay);
  EXPECT_TRUE(world.counted("phone").own());
}

TEST(STD8, AReplacementIsOfTheSameKindAndOfSomethingLiving) {
  StandingWorld world = known_by({"phone"});
  EXPECT_EQ(world.give("app", "phone"), Refused::kOtherKind);
  EXPECT_EQ(world.give("phone-2", "phone-unknown"), Refused::kUnknownSource);
  EXPECT_EQ(world.give("phone", "phone"), Refused::kUnknownSource);
}

TEST(STD9, AnOldSourceCountsWhateverNewOnesCome) {
  StandingWorld world = known_by({"phone"});
  world.give("phone-2", "phone");
  world.vouch("phone-3", "phone");
  ASSERT_FALSE(world.add("app", {"phone"}));
  EXPECT_EQ(world.counted("phone").counted, Counted::kFounding);
  EXPECT_TRUE(world.approve({"phone"}, one_kind()).met());
}

TEST(STD12, OfTwoServicesThatShareASourceTheBetterCounts) {
  StandingWorld here = known_by({"phone"});
  StandingWorld there = known_by({"mailbox"});
  there.give("phone");
  EXPECT_EQ(better(there.counted("phone"), here.counted("phone")), here.counted("phone"));
  EXPECT_EQ(better(there.counted("phone"), there.counted("app")), there.counted("phone"));
}

TEST(StandingRules, FaultsOfSettings) {
  EXPECT_FALSE(rules_fault({}));
  const auto faulty = [](auto change) {
    Rules rules;
    change(rules);
    return rules_fault(rules).has_value();
  };
  EXPECT_TRUE(faulty([](Rules& r) { r.wait = Duration(0); }));
  EXPECT_TRUE(faulty([](Rules& r) { r.wait_alone = hours(71); }));
  EXPECT_TRUE(faulty([](Rules& r) { r.vouch_wait = minutes(59); }));
  EXPECT_TRUE(faulty([](Rules& r) { r.no_notice = Duration(0); }));
  EXPECT_TRUE(faulty([](Rules& r) { r.max_min_kinds = 4; }));
}

TEST(StandingBound, AThousandBindingsAndNoMoreUntilTheOldestAreForgotten) {
  StandingWorld world = known_by({"phone"});
  for (std::size_t i = 1; i < kBindingsMax; ++i) {
    ASSERT_FALSE(world.give("phone-" + std::to_string(i)));
    world.end("phone-" + std::to_string(i), GoneWhy::kRemoved);
  }
  for (const auto& change : {&give, &vouch})
    EXPECT_EQ(world.take(change(world.history, world.offer("mailbox"), world.rules, world.now)),
              Refused::kTooManySources);
  EXPECT_EQ(world.take(add(world.history, world.offer("app"), std::array{world.proof("phone"), world.proof("app")},
                           world.rules, world.now)),
            Refused::kTooManySources);
  EXPECT_TRUE(world.counted("phone").own());  // What counts goes on.
  EXPECT_FALSE(world.give("phone"));          // It is there already.
  world.pass(world.rules.remember);
  EXPECT_EQ(world.take(give(world.history, world.offer("mailbox"), world.rules, world.now)), Refused::kTooManySources);
  world.pass(kTick);
  EXPECT_FALSE(world.give("mailbox"));
  EXPECT_EQ(world.history.bindings.size(), kBindingsMax);
  EXPECT_EQ(binding_of(world.history, world.id("phone-1")), nullptr);
  EXPECT_TRUE(world.counted("phone").own());
  world.end("phone", GoneWhy::kLost);  // An end is never refused.
  EXPECT_FALSE(world.counted("phone").any());
}

TEST(StandingBound, ForgettingTheFirstSourcesOpensNoFounding) {
  StandingWorld world;
  for (std::size_t i = 0; i < kBindingsMax; ++i) {
    ASSERT_FALSE(world.give("phone-" + std::to_string(i)));
    world.end("phone-" + std::to_string(i), GoneWhy::kRemoved);
    if (i == 0) world.pass(world.rules.remember + kTick);
  }
  EXPECT_FALSE(world.give("mailbox"));  // In the place of the first, so that the first is now of today.
  EXPECT_FALSE(world.counted("mailbox").any());
}

// A set that ends before it counts hands on what it was to replace: else the first one would live on beside the third.
TEST(STD10, TheNewestSetThatCountsIsTheOnlyOne) {
  for (const bool second_is_lost : {false, true}) {
    StandingWorld world = known_by({"phone", "mailbox", "codes"});
    world.give("codes-2", "codes");
    world.pass(kDay);
    world.give("codes-3", "codes-2");
    if (second_is_lost) world.end("codes-2");
    world.pass(2 * kDay - kTick);
    EXPECT_TRUE(world.counted("codes").own());
    world.pass(kTick);
    EXPECT_EQ(world.counted("codes").own(), second_is_lost) << "the second counts, unless it was lost";
    world.pass(kDay);
    EXPECT_EQ(world.counted("codes").why_not, WhyNot::kGone);
    EXPECT_EQ(world.counted("codes-2").why_not, WhyNot::kGone);
    EXPECT_TRUE(world.counted("codes-3").own());
  }
}

// Support vouched for the third: it counts, and ends the second, while the second still waits.
TEST(STD10, ASetThatCountsBeforeTheWaitingOneThatItReplacesEndsAlsoTheFirst) {
  StandingWorld world = known_by({"phone", "mailbox", "codes"});
  world.give("codes-2", "codes");
  world.vouch("codes-3", "codes-2");
  world.pass(kDay - kTick);
  EXPECT_TRUE(world.counted("codes").own());
  world.pass(kTick);
  EXPECT_TRUE(world.counted("codes-3").own());
  EXPECT_EQ(world.counted("codes-2").why_not, WhyNot::kGone);
  EXPECT_EQ(world.counted("codes").why_not, WhyNot::kGone);
  world.pass(4 * kDay);
  EXPECT_EQ(world.counted("codes").why_not, WhyNot::kGone);
}

TEST(STD10, ASetMadeInFoundingVoidsTheOneBeforeAtOnce) {
  StandingWorld world;
  world.give("phone");
  world.give("codes");
  world.give("codes-2", "codes");
  EXPECT_EQ(world.counted("codes").why_not, WhyNot::kGone);
  EXPECT_TRUE(world.counted("codes-2").own());
}

}  // namespace
}  // namespace countersign::domain::standing
