#include "domain/challenge.h"

#include <gtest/gtest.h>

#include "some.h"
#include "transition_words.h"

namespace countersign::domain {
namespace {

Challenge challenge_in(const std::string& state) {
  Challenge challenge{ChallengeStatus::kPending, 0, kNoon + minutes(5), std::nullopt};
  if (state == "spent") challenge.attempts = kChallengeAttempts;
  if (state == "approved") return *answered_right(challenge, kNoon);
  if (state == "denied") return *answered_no(challenge, kNoon);
  return challenge;
}

// `late`: its time is over. `-`: nothing comes of it. What is late or spent is kept from an answer by
// why_not_answerable.
TEST(Challenge, EveryStateByEveryTransition) {
  const WordTable table(R"(
          may_answer  right     wrong    no
pending   yes         approved  pending  denied
spent     spent       approved  pending  denied
late      expired     approved  pending  denied
approved  responded   -         -        -
denied    responded   -         -        -
)");
  expect_table(table, [](const std::string& state, const std::string& transition) -> std::string {
    const Challenge challenge = challenge_in(state);
    const auto said = [](const std::optional<Challenge>& next) {
      return next ? std::string(to_text(next->status)) : "-";
    };
    if (transition == "right") return said(answered_right(challenge, kNoon));
    if (transition == "wrong") return said(answered_wrong(challenge));
    if (transition == "no") return said(answered_no(challenge, kNoon));
    const auto why_not = why_not_answerable(challenge, kNoon + (state == "late" ? minutes(5) : minutes(0)));
    if (!why_not) return "yes";
    if (*why_not == NotAnswerable::kExpired) return "expired";
    return *why_not == NotAnswerable::kResponded ? "responded" : "spent";
  });
}

TEST(Challenge, CountsWrongAnswersAndSaysWhenItWasAnswered) {
  const Challenge pending = challenge_in("pending");
  EXPECT_EQ(answered_wrong(pending)->attempts, 1);
  EXPECT_EQ(answered_right(pending, kNoon)->responded_at, kNoon);
  EXPECT_EQ(answered_right(pending, kNoon)->attempts, 0);
  EXPECT_EQ(answered_no(pending, kNoon)->responded_at, kNoon);
}

TEST(Challenge, ExpiresAtItsVeryInstantUnlessItWasAnswered) {
  const Challenge pending = challenge_in("pending");
  EXPECT_EQ(status_at(pending, pending.expires_at - kTick), ChallengeStatus::kPending);
  EXPECT_EQ(status_at(pending, pending.expires_at), ChallengeStatus::kExpired);
  EXPECT_EQ(status_at(challenge_in("approved"), pending.expires_at), ChallengeStatus::kApproved);
  using enum ChallengeStatus;
  for (const auto status : {kPending, kApproved, kExpired, kDenied})
    EXPECT_EQ(parse_challenge_status(to_text(status)), status);
  EXPECT_EQ(status_at(challenge_in("denied"), pending.expires_at), kDenied);
  EXPECT_FALSE(parse_challenge_status("refused"));
}

}  // namespace
}  // namespace countersign::domain
