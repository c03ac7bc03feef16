#include "risk/profile.h"

#include <gtest/gtest.h>

namespace countersign::risk {
namespace {

using std::chrono::hours;

constexpr WallTime kMorning{hours(24 * 20'000 + 8)};

Profile::Asked asked(std::string device, std::string network = "n1", std::string payout = "") {
  return {.device = std::move(device),
          .network = std::move(network),
          .address = "a1",
          .payout = std::move(payout),
          .type = "payout",
          .amount = 100};
}

Features described(const Profile& profile, const Profile::Asked& about, Profile::Others others = {},
                   WallTime now = kMorning) {
  Features features;
  profile.describe(about, others, now, features);
  return features;
}

TEST(RiskProfile, ADeviceIsHersOnceSheHasApprovedSomethingFromIt) {
  Profile profile;
  EXPECT_FALSE(described(profile, asked("d1")).knows(Feature::kNewDevice)) << "nobody's first device is new";
  profile.note_approval(asked("d1"), 0, kMorning);
  EXPECT_EQ(described(profile, asked("d1")).get(Feature::kNewDevice), 0);
  EXPECT_EQ(described(profile, asked("d2", "n2")).get(Feature::kNewDevice), 1);
  EXPECT_EQ(described(profile, asked("d2", "n2")).get(Feature::kNewNetwork), 1);
  // Poisoning: to ask in her name, a hundred times, makes nothing known.
  for (int i = 0; i < 100; ++i) profile.note_hold(asked("d2", "n2"), kMorning);
  EXPECT_EQ(described(profile, asked("d2", "n2")).get(Feature::kNewDevice), 1);
  EXPECT_EQ(described(profile, asked("d1")).get(Feature::kNewDevice), 0) << "nor hers unknown";
}

TEST(RiskProfile, WhatTheApplicationDoesNotSayIsNotKnown) {
  Profile profile;
  profile.note_approval(asked("d1"), 0, kMorning);
  const auto features = described(profile, {.type = "payout"});
  for (const auto feature :
       {Feature::kNewDevice, Feature::kNewNetwork, Feature::kDeviceSubjectsDay, Feature::kAddressSubjectsDay,
        Feature::kSubjectAddressesDay, Feature::kPayoutSubjects, Feature::kAmountDay})
    EXPECT_FALSE(features.knows(feature)) << info(feature).name;
  EXPECT_EQ(features.get(Feature::kHoldsDay), 1);
}

TEST(RiskProfile, OthersWithHerPayoutAreThoseBeforeHer) {
  Profile mule;
  EXPECT_EQ(described(mule, asked("d1", "n1", "p1"), {.with_payout = 3}).get(Feature::kPayoutSubjects), 3);
  Profile ana;
  EXPECT_TRUE(ana.note_approval(asked("d1", "n1", "p1"), 0, kMorning));
  EXPECT_FALSE(ana.note_approval(asked("d1", "n1", "p1"), 7, kMorning));
  EXPECT_EQ(described(ana, asked("d1", "n1", "p1"), {.with_payout = 50}).get(Feature::kPayoutSubjects), 0)
      << "who comes later with hers changes nothing for her";
}

TEST(RiskProfile, PeopleAreCountedOnceADayWithHerself) {
  Profile profile;
  EXPECT_EQ(described(profile, asked("d1"), {.on_device = 5, .at_address = 7}).get(Feature::kDeviceSubjectsDay), 6);
  EXPECT_TRUE(profile.note_hold(asked("d1"), kMorning).on_device);
  EXPECT_FALSE(profile.note_hold(asked("d1"), kMorning).on_device);
  EXPECT_EQ(described(profile, asked("d1"), {.on_device = 6, .at_address = 8}).get(Feature::kDeviceSubjectsDay), 6);
  EXPECT_TRUE(profile.note_hold(asked("d1"), kMorning + hours(24)).on_device);
}

TEST(RiskProfile, HoldsAndAmountsAreOfADayAndOfAType) {
  Profile profile;
  for (int i = 0; i < 4; ++i) profile.note_hold(asked("d1"), kMorning);
  EXPECT_EQ(described(profile, asked("d1")).get(Feature::kHoldsDay), 5);
  EXPECT_EQ(described(profile, asked("d1")).get(Feature::kAmountDay), 500);
  auto other = asked("d1");
  other.type = "address";
  EXPECT_EQ(described(profile, other).get(Feature::kHoldsDay), 1);
  EXPECT_EQ(described(profile, asked("d1"), {}, kMorning + hours(23)).get(Feature::kHoldsDay), 5);
  EXPECT_EQ(described(profile, asked("d1"), {}, kMorning + hours(24)).get(Feature::kHoldsDay), 1);
  EXPECT_EQ(described(profile, asked("d1"), {}, kMorning - hours(2)).get(Feature::kHoldsDay), 1) << "clock set back";
}

TEST(RiskProfile, PromptsDenialsAndFailuresAreCounted) {
  Profile profile;
  EXPECT_EQ(described(profile, asked("d1")).get(Feature::kPromptsHour), 0);
  for (int i = 0; i < 6; ++i) profile.note_event(Profile::Event::kPrompt, kMorning);
  profile.note_event(Profile::Event::kDenial, kMorning);
  profile.note_event(Profile::Event::kRecoveryFailure, kMorning);
  const auto at = [&](WallTime now) { return described(profile, asked("d1"), {}, now); };
  EXPECT_EQ(at(kMorning).get(Feature::kPromptsHour), 6);
  EXPECT_EQ(at(kMorning + hours(1)).get(Feature::kPromptsHour), 0);
  EXPECT_EQ(at(kMorning + hours(23)).get(Feature::kDenialsDay), 1);
  EXPECT_EQ(at(kMorning + hours(24)).get(Feature::kDenialsDay), 0);
  EXPECT_EQ(at(kMorning).get(Feature::kRecoveryFailuresDay), 1);
  EXPECT_EQ(Profile::decode(profile.encode()), profile);
}

TEST(RiskProfile, ItIsBoundedAndWhatItWritesItReads) {
  Profile profile;
  for (int i = 0; i < 1000; ++i) {
    profile.note_approval(asked("d" + std::to_string(i), "n" + std::to_string(i), "p" + std::to_string(i)), i,
                          kMorning + hours(24 * i));
    profile.note_hold(asked("d" + std::to_string(i)), kMorning + hours(i));
  }
  const std::string text = profile.encode();
  EXPECT_LT(text.size(), 4000U);
  EXPECT_EQ(Profile::decode(text), profile);
  EXPECT_EQ(Profile::decode(text + "z ff 1 2\nnonsense\n"), profile) << "what a later program wrote";
  EXPECT_EQ(described(profile, asked("d999")).get(Feature::kNewDevice), 0);
}

TEST(RiskProfile, TwoNodesKnowTogetherWhatEachKnows) {
  Profile one;
  Profile two;
  one.note_approval(asked("d1", "n1", "p1"), 0, kMorning);
  two.note_approval(asked("d2", "n2", "p1"), 4, kMorning);
  two.note_hold(asked("d2"), kMorning);
  Profile both = one;
  both.merge(two);
  EXPECT_EQ(described(both, asked("d1")).get(Feature::kNewDevice), 0);
  EXPECT_EQ(described(both, asked("d2", "n2")).get(Feature::kNewNetwork), 0);
  EXPECT_EQ(described(both, asked("d1", "n1", "p1")).get(Feature::kPayoutSubjects), 0);
  EXPECT_EQ(described(both, asked("d1")).get(Feature::kHoldsDay), 2);
  Profile again = both;
  again.merge(two);
  EXPECT_EQ(again, both) << "what is known already changes nothing";
}

TEST(RiskProfile, WhatIsCountedSinceIsAdded) {
  Profile stored;
  Profile since;
  stored.note_hold(asked("d1"), kMorning);
  stored.note_event(Profile::Event::kDenial, kMorning);
  since.count_hold(asked("d2"), kMorning);
  since.count_hold(asked("d2"), kMorning - hours(1));
  since.note_event(Profile::Event::kDenial, kMorning);
  since.note_event(Profile::Event::kPrompt, kMorning);
  stored.add_counts(since);
  const auto features = described(stored, asked("d1"));
  EXPECT_EQ(features.get(Feature::kHoldsDay), 4);
  EXPECT_EQ(features.get(Feature::kDenialsDay), 2);
  EXPECT_EQ(features.get(Feature::kPromptsHour), 1);
  for (int i = 0; i < 1000; ++i) {
    Profile one;
    one.note_event(Profile::Event::kPrompt, kMorning + hours(i));
    stored.add_counts(one);
  }
  EXPECT_LT(stored.encode().size(), 4000U);
}

}  // namespace
}  // namespace countersign::risk
