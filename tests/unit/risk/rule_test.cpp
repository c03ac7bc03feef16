#include "risk/rule.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

namespace countersign::risk {
namespace {

Rule rule(std::string name, std::string_view when, Outcome outcome, Points points = Points::all()) {
  return {std::move(name), points, *Expression::parse(when), outcome};
}

using Values = std::vector<std::pair<Feature, double>>;

Features features_of(const Values& values) {
  Features features;
  for (const auto& [feature, value] : values) features.set(feature, value);
  return features;
}

/// What the built-in rule says; nullopt: it does not match.
std::optional<Outcome> says(std::string_view name, Point point, const Values& values) {
  for (const auto& match : judge(built_in_rules(), point, features_of(values))) {
    if (match.rule == name) return match.outcome;
  }
  return std::nullopt;
}

struct Case {
  std::string_view rule;
  Point point;
  Outcome outcome;
  Values bites;
  Values spares;
};

const std::vector<Case>& cases() {
  using F = Feature;
  static const std::vector<Case> kCases = {
      {"changed_and_new_device",
       Point::kHold,
       Outcome::kAnotherKind,
       {{F::kEstablishedDays, 40}, {F::kContactsChangedHours, 5}, {F::kNewDevice, 1}},
       {{F::kEstablishedDays, 2}, {F::kContactsChangedHours, 5}, {F::kNewDevice, 1}}},
      {"many_people_on_device",
       Point::kHold,
       Outcome::kAnotherKind,
       {{F::kDeviceSubjectsDay, 6}, {F::kNewDevice, 1}},
       {{F::kDeviceSubjectsDay, 600}, {F::kNewDevice, 0}}},
      {"many_people_at_address",
       Point::kApprove,
       Outcome::kNote,
       {{F::kAddressSubjectsDay, 51}, {F::kNewNetwork, 1}},
       {{F::kAddressSubjectsDay, 5000}, {F::kNewNetwork, 0}}},
      {"many_addresses",
       Point::kHold,
       Outcome::kNote,
       {{F::kSubjectAddressesDay, 11}},
       {{F::kSubjectAddressesDay, 10}}},
      {"shared_payout", Point::kHold, Outcome::kReview, {{F::kPayoutSubjects, 3}}, {{F::kPayoutSubjects, 2}}},
      {"two_with_one_payout", Point::kHold, Outcome::kNote, {{F::kPayoutSubjects, 1}}, {{F::kPayoutSubjects, 0}}},
      {"prompts_and_new_device",
       Point::kApprove,
       Outcome::kAnotherKind,
       {{F::kPromptsHour, 0}, {F::kDenialsDay, 2}, {F::kNewDevice, 0}, {F::kNewNetwork, 1}},
       {{F::kPromptsHour, 500}, {F::kDenialsDay, 200}, {F::kNewDevice, 0}, {F::kNewNetwork, 0}}},
      {"recovery_failed",
       Point::kHold,
       Outcome::kAnotherKind,
       {{F::kRecoveryFailuresDay, 3}, {F::kNewDevice, 1}},
       {{F::kRecoveryFailuresDay, 300}}},
      {"faster_than_reading", Point::kApprove, Outcome::kNote, {{F::kApprovalSeconds, 1}}, {{F::kApprovalSeconds, 2}}},
      {"many_holds", Point::kHold, Outcome::kNote, {{F::kHoldsDay, 21}}, {{F::kHoldsDay, 20}}},
      {"sim_swapped", Point::kHold, Outcome::kAnotherKind, {{F::kSimSwapHours, 71}}, {{F::kSimSwapHours, 72}}},
  };
  return kCases;
}

TEST(RiskBuiltInRules, EachBitesAndSpares) {
  for (const auto& c : cases()) {
    EXPECT_EQ(says(c.rule, c.point, c.bites), c.outcome) << c.rule;
    EXPECT_EQ(says(c.rule, c.point, c.spares), std::nullopt) << c.rule;
  }
  for (const auto& r : built_in_rules()) {
    EXPECT_TRUE(std::ranges::any_of(cases(), [&](const Case& c) { return c.rule == r.name; })) << r.name;
    EXPECT_TRUE(is_rule_name(r.name) && r.advisory) << r.name;
  }
}

TEST(RiskBuiltInRules, NothingIsHeldAgainstAnybodyForWhatIsNotKnown) {
  for (std::size_t p = 0; p < kPoints; ++p) EXPECT_TRUE(judge(built_in_rules(), static_cast<Point>(p), {}).empty());
}

// [STD-20] Strangers can ask for things in her name, from where they are; they cannot make her device new to her.
TEST(RiskBuiltInRules, NobodyIsShutOutByWhatStrangersDoInHerName) {
  EXPECT_TRUE(rc::check("whatever they raise, she is not asked for more on a device and a network of her own", [] {
    Features features;
    for (const auto feature :
         {Feature::kDeviceSubjectsDay, Feature::kAddressSubjectsDay, Feature::kSubjectAddressesDay, Feature::kHoldsDay,
          Feature::kAmountDay, Feature::kPromptsHour, Feature::kDenialsDay, Feature::kRecoveryFailuresDay,
          Feature::kAddressUnverifiedDay, Feature::kNetworkUnverifiedDay, Feature::kPrefixUnverifiedDay,
          Feature::kCountryUnverifiedDay, Feature::kAmount}) {
      if (*rc::gen::inRange(0, 4) > 0) features.set(feature, *rc::gen::inRange(0, 100'000));
    }
    features.set(Feature::kNewDevice, 0);
    features.set(Feature::kNewNetwork, 0);
    features.set(Feature::kEstablished, 1);
    features.set(Feature::kEstablishedDays, *rc::gen::inRange(0, 1000));
    features.set(Feature::kContactsChangedHours, *rc::gen::inRange(0, 1000));
    features.set(Feature::kPayoutSubjects, 0);  // She had it first.
    for (std::size_t p = 0; p < kPoints; ++p) {
      for (const auto& match : judge(built_in_rules(), static_cast<Point>(p), features))
        RC_ASSERT(match.outcome <= Outcome::kNote);
    }
  }));
}

TEST(RiskBuiltInRules, NoBuiltInRuleIsDoubtful) {
  EXPECT_EQ(doubts_about(built_in_rules()), std::vector<std::string>());
}

TEST(RiskRules, AMatchHasItsFiguresAndOnlyItsPoints) {
  const std::vector<Rule> rules{rule("large", "amount > 5000", Outcome::kReview, {Point::kHold})};
  const auto features = features_of({{Feature::kAmount, 7000}});
  const auto matches = judge(rules, Point::kHold, features);
  ASSERT_EQ(matches.size(), 1U);
  EXPECT_EQ(matches[0].figures, (std::vector<Figure>{{"amount", 7000, 5000}}));
  EXPECT_TRUE(judge(rules, Point::kClaim, features).empty());
}

TEST(RiskRules, BuiltInRulesAreChangedByNameAndReplaced) {
  const std::vector<Rule> base{rule("a", "new_device", Outcome::kNote), rule("b", "new_network", Outcome::kReview),
                               rule("c", "established", Outcome::kNote)};
  const auto changed = with_changes(base, {{"a", true}, {"b", false, Outcome::kNote, true}, {"nobody", true}},
                                    {rule("c", "amount > 1", Outcome::kRefuse), rule("d", "true", Outcome::kNote)});
  ASSERT_EQ(changed.size(), 3U);
  EXPECT_EQ(changed[0].name, "b");
  EXPECT_TRUE(changed[0].shadow);
  EXPECT_EQ(changed[0].outcome, Outcome::kNote);
  EXPECT_EQ(changed[1].name, "c");
  EXPECT_EQ(changed[1].outcome, Outcome::kRefuse);
}

TEST(RiskRules, ContradictionsAndRulesForEverybodyAreNamed) {
  const auto doubts = doubts_about({
      rule("one", "amount > 5", Outcome::kReview),
      rule("two", "(amount > 5)", Outcome::kRefuse, {Point::kClaim}),
      rule("everybody", "amount > 5 || amount <= 5", Outcome::kRefuse, {Point::kHold}),
      rule("noted", "true", Outcome::kNote),
      rule("never", "prefix_unverified_day > 5", Outcome::kRefuse, {Point::kHold, Point::kSend}),
  });
  EXPECT_EQ(doubts, (std::vector<std::string>{
                        "the rules one and two have the same condition and two outcomes at claim: refuse holds",
                        "the rule everybody matches everybody at hold: refuse",
                        "the rule never never matches at hold: nothing that it asks for is known there",
                    }));
}

TEST(RiskRules, SignalsThatNobodyAsksThereAreNamed) {
  const auto asks = [](std::string_view name, std::string_view point, std::string_view what) {
    return "the rule " + std::string(name) + " asks at " + std::string(point) + " for " + std::string(what) +
           ", which is never known there: signals are asked before a hold";
  };
  EXPECT_EQ(doubts_about({
                rule("swapped", "sim_swap_hours < 72 && !proved_contact", Outcome::kRefuse, {Point::kSend}),
                rule("voip", "line_type == 'voip' && country == 'BR'", Outcome::kRefuse, {Point::kSend, Point::kHold}),
                rule("model", "model_score > 0.9 || established_days < 1", Outcome::kRefuse, {Point::kEnrol}),
                rule("alone", "sim_swap_hours < 72", Outcome::kRefuse, {Point::kSend}),
                rule("later", "line_type == 'voip' && model_score > 0.5 && sim_swap_hours < 9", Outcome::kReview,
                     {Point::kHold, Point::kApprove, Point::kClaim}),
                rule("anywhere", "line_type == 'landline'", Outcome::kReview),
            }),
            (std::vector<std::string>{
                asks("swapped", "send", "sim_swap_hours"),
                asks("voip", "send", "line_type"),
                asks("model", "enrol", "model_score"),
                "the rule alone never matches at send: nothing that it asks for is known there",
            }));
}

TEST(RiskRules, NamesAreBounded) {
  EXPECT_TRUE(is_rule_name("night.cap-2_b"));
  for (const std::string& name : {std::string(), std::string("A"), std::string("a b"), std::string(65, 'a')})
    EXPECT_FALSE(is_rule_name(name)) << name;
}

}  // namespace
}  // namespace countersign::risk
