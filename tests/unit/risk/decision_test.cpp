#include "risk/decision.h"

#include <gtest/gtest.h>

#include "risk/features.h"

namespace countersign::risk {
namespace {

Match match(Outcome outcome, bool advisory = false, bool shadow = false) {
  return {.rule = "r", .outcome = outcome, .shadow = shadow, .advisory = advisory, .figures = {}};
}

TEST(RiskDecision, TheHardestMatchDecides) {
  EXPECT_EQ(decide(Point::kHold, {}, {}).outcome, Outcome::kAllow);
  const auto decision = decide(Point::kHold, {match(Outcome::kNote), match(Outcome::kReview)}, {});
  EXPECT_EQ(decision.outcome, Outcome::kReview);
  EXPECT_EQ(decision.matches.size(), 2U);
  EXPECT_EQ(decision.allow_reason, std::nullopt);
}

TEST(RiskDecision, ARuleInShadowOnlySaysWhatItWouldHaveDone) {
  const auto decision = decide(Point::kSend, {match(Outcome::kRefuse, false, true)}, {});
  EXPECT_EQ(decision.outcome, Outcome::kAllow);
  EXPECT_EQ(decision.allow_reason, AllowReason::kShadow);
}

TEST(RiskDecision, NoReasonIsGivenWhereNothingWasAllowed) {
  const auto refused = decide(Point::kHold, {match(Outcome::kRefuse, false, true), match(Outcome::kRefuse)}, {});
  EXPECT_EQ(refused.outcome, Outcome::kRefuse);
  EXPECT_EQ(refused.allow_reason, std::nullopt);
}

TEST(RiskDecision, AnOperatorsWordLeavesANoteWhatItIs) {
  Leniency lenient;
  lenient.operator_allowed = true;
  EXPECT_EQ(decide(Point::kClaim, {match(Outcome::kNote)}, lenient).outcome, Outcome::kNote);
  const auto allowed = decide(Point::kClaim, {match(Outcome::kRefuse)}, lenient);
  EXPECT_EQ(allowed.outcome, Outcome::kAllow);
  EXPECT_EQ(allowed.allow_reason, AllowReason::kOperator);
}

TEST(RiskDecision, APersonWhoProvedTheContactGetsHerCode) {
  Leniency proved;
  proved.proved_contact = true;
  const auto decision = decide(Point::kSend, {match(Outcome::kRefuse)}, proved);
  EXPECT_EQ(decision.outcome, Outcome::kAllow);
  EXPECT_EQ(decision.allow_reason, AllowReason::kProvedContact);
  EXPECT_EQ(decide(Point::kClaim, {match(Outcome::kRefuse)}, proved).outcome, Outcome::kRefuse);
}

TEST(RiskDecision, ARuleGoneWildAsksForAnotherKind) {
  Leniency lenient;
  lenient.fell_back = {"r"};
  const auto decision = decide(Point::kHold, {match(Outcome::kRefuse)}, lenient);
  EXPECT_EQ(decision.outcome, Outcome::kAnotherKind);
  EXPECT_EQ(decision.allow_reason, AllowReason::kFellBack);
  EXPECT_EQ(decide(Point::kHold, {match(Outcome::kNote)}, lenient).outcome, Outcome::kNote);
  lenient.fell_back = {"another"};
  EXPECT_EQ(decide(Point::kHold, {match(Outcome::kRefuse)}, lenient).outcome, Outcome::kRefuse);
}

TEST(RiskDecision, OnlyAdvisoryRulesAreSkippedOnRequest) {
  for (const Leniency& asked : {Leniency{false, true, false}, Leniency{false, false, true}}) {
    EXPECT_EQ(decide(Point::kSend, {match(Outcome::kRefuse, true)}, asked).outcome, Outcome::kAllow);
    EXPECT_EQ(decide(Point::kSend, {match(Outcome::kRefuse, false)}, asked).outcome, Outcome::kRefuse);
  }
}

TEST(RiskFeatures, EveryNameIsFoundAgainAndWhatIsNotKnownIsAbsent) {
  for (std::size_t i = 0; i < kFeatures; ++i) {
    const auto feature = static_cast<Feature>(i);
    EXPECT_EQ(parse_feature(info(feature).name), feature);
  }
  EXPECT_EQ(parse_feature("no_such_feature"), std::nullopt);
  Features features;
  EXPECT_EQ(features.get(Feature::kAmount), std::nullopt);
  features.set(Feature::kAmount, 0);
  EXPECT_EQ(features.get(Feature::kAmount), 0);
}

}  // namespace
}  // namespace countersign::risk
