#include "domain/push.h"

#include <gtest/gtest.h>

namespace countersign::domain {
namespace {

using namespace std::chrono_literals;
using enum PromptStatus;

constexpr WallTime kStart(std::chrono::seconds(1'772'323'200));

Prompt open_prompt() { return {.until = kStart + kPromptTime}; }

TEST(Prompt, EveryTransitionIsFromOpenAlone) {
  const auto transitions = {number_right, number_wrong, prompt_denied, prompt_replaced};
  for (const auto status : {kOpen, kApproved, kDenied, kSpent, kReplaced}) {
    for (const auto transition : transitions) {
      Prompt prompt = open_prompt();
      prompt.status = status;
      EXPECT_EQ(transition(prompt, kStart).has_value(), status == kOpen) << to_text(status);
      // Its last instant, and the one after.
      EXPECT_EQ(transition(prompt, prompt.until - Duration(1)).has_value(), status == kOpen) << to_text(status);
      EXPECT_FALSE(transition(prompt, prompt.until)) << to_text(status);
    }
  }
  EXPECT_EQ(number_right(open_prompt(), kStart)->status, kApproved);
  EXPECT_EQ(prompt_denied(open_prompt(), kStart)->status, kDenied);
  EXPECT_EQ(prompt_replaced(open_prompt(), kStart)->status, kReplaced);
}

TEST(Prompt, ExpiresAtItsEnd) {
  EXPECT_EQ(status_at(open_prompt(), kStart + kPromptTime - Duration(1)), kOpen);
  EXPECT_EQ(status_at(open_prompt(), kStart + kPromptTime), kExpired);
  auto denied = open_prompt();
  denied.status = kDenied;
  EXPECT_EQ(status_at(denied, kStart + kPromptTime), kDenied);
}

TEST(Prompt, ThreeWrongNumbersSpendIt) {
  auto prompt = *number_wrong(open_prompt(), kStart);
  EXPECT_EQ(prompt.status, kOpen);
  prompt = *number_wrong(prompt, kStart);
  EXPECT_EQ(prompt.status, kOpen);
  prompt = *number_wrong(prompt, kStart);
  EXPECT_EQ(prompt.status, kSpent);
  EXPECT_FALSE(number_right(prompt, kStart)) << "the right one comes too late";
}

TEST(PromptFatigue, ADenialOfLongAgoIsForgotten) {
  auto history = after_denial({}, "a", kStart);
  history = after_denial(history, "a", kStart + kDenialsKept - Duration(1));
  EXPECT_EQ(history.denied.at(0).times, 2);
  history = after_denial(history, "a", history.denied[0].last + kDenialsKept);
  EXPECT_EQ(history.denied.at(0).times, 1);
}

TEST(PromptFatigue, ThreeWithoutAnAnswerAreTheLastUntilAnotherProof) {
  PromptHistory history;
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(why_not_prompted(history, "a", false, kStart)) << i;
    history = after_prompt(history, kStart);
  }
  // For everybody, and however long one waits.
  for (const Duration later : {Duration(0), Duration(1h), Duration(24h * 365)}) {
    EXPECT_EQ(why_not_prompted(history, "a", false, kStart + later)->why, NotPrompted::Why::kUnanswered);
    EXPECT_EQ(why_not_prompted(history, "b", false, kStart + later)->retry_after, std::nullopt);
    EXPECT_FALSE(why_not_prompted(history, "a", true, kStart + later)) << "proved otherwise";
  }
  EXPECT_FALSE(why_not_prompted(after_approval(history), "a", false, kStart));
}

TEST(PromptFatigue, ADenialSilencesForThatAskerAlone) {
  const auto history = after_denial(after_prompt({}, kStart), "thief", kStart);
  const auto silent = why_not_prompted(history, "thief", false, kStart + 59min);
  ASSERT_TRUE(silent);
  EXPECT_EQ(silent->why, NotPrompted::Why::kSilent);
  EXPECT_EQ(silent->retry_after, 1min);
  EXPECT_FALSE(why_not_prompted(history, "thief", false, kStart + 1h));
  EXPECT_FALSE(why_not_prompted(history, "her own network", false, kStart)) << "she is not shut out";
  EXPECT_FALSE(why_not_prompted(history, "thief", true, kStart)) << "proved otherwise";
}

TEST(PromptFatigue, RepeatedDenialsSwitchItOffForThatAsker) {
  auto history = after_denial({}, "thief", kStart);
  history = after_denial(history, "thief", kStart + 2h);
  const auto off = why_not_prompted(history, "thief", false, kStart + 24h * 29);
  ASSERT_TRUE(off);
  EXPECT_EQ(off->why, NotPrompted::Why::kOff);
  EXPECT_EQ(off->retry_after, std::nullopt);
  EXPECT_FALSE(why_not_prompted(history, "her own network", false, kStart + 2h));
  EXPECT_FALSE(why_not_prompted(history, "thief", true, kStart + 2h)) << "another proof switches it on";
  EXPECT_FALSE(why_not_prompted(after_approval(history), "thief", false, kStart + 2h)) << "and so does a right number";
  EXPECT_FALSE(why_not_prompted(history, "thief", false, kStart + 2h + kDenialsKept)) << "not for ever";
}

TEST(PromptFatigue, NobodyExceedsTheRate) {
  PromptHistory history;
  for (std::int64_t i = 0; i < kPromptsOfDevice.max; ++i) history = after_approval(after_prompt(history, kStart));
  const auto many = why_not_prompted(history, "a", true, kStart + 1min);
  ASSERT_TRUE(many);
  EXPECT_EQ(many->why, NotPrompted::Why::kTooMany);
  EXPECT_EQ(many->retry_after, 59min);
  EXPECT_FALSE(why_not_prompted(history, "a", true, kStart + 1h));
}

TEST(PromptFatigue, ManyAskersDoNotGrowWithoutBound) {
  PromptHistory history;
  for (int i = 0; i < 100; ++i) history = after_denial(history, "asker " + std::to_string(i), kStart + i * 1s);
  EXPECT_EQ(history.denied.size(), kAskersMax);
  EXPECT_TRUE(why_not_prompted(history, "asker 99", false, kStart + 100s));
}

TEST(PromptFatigue, DenialsToManyNetworksSwitchItOffForAll) {
  PromptHistory history;
  for (int i = 0; i < 6; ++i) {
    const std::string asker = "network " + std::to_string(i);
    EXPECT_FALSE(why_not_prompted(history, asker, false, kStart)) << i;
    history = after_denial(after_prompt(history, kStart), asker, kStart);
  }
  const auto off = why_not_prompted(history, "one more", false, kStart + 24h * 365);
  ASSERT_TRUE(off);
  EXPECT_EQ(off->why, NotPrompted::Why::kOff);
  EXPECT_EQ(off->retry_after, std::nullopt);
  EXPECT_FALSE(why_not_prompted(history, "one more", true, kStart)) << "proved otherwise";
  EXPECT_FALSE(why_not_prompted(after_approval(history), "one more", false, kStart));
}

TEST(PromptFatigue, AnotherProofSwitchesItOnAndKeepsWhatWasDeniedToOthers) {
  PromptHistory history;
  for (int i = 0; i < 2; ++i) {
    for (const auto* asker : {"thief", "hers"}) history = after_denial(history, asker, kStart + i * 2h);
  }
  for (int i = 0; i < 3; ++i) history = after_prompt(history, kStart + 2h);
  const WallTime now = kStart + 4h;
  ASSERT_TRUE(why_not_prompted(history, "hers", false, now));
  history = after_other_proof(history, "hers");
  EXPECT_FALSE(why_not_prompted(history, "hers", false, now));
  EXPECT_EQ(why_not_prompted(history, "thief", false, now)->why, NotPrompted::Why::kOff);
  EXPECT_FALSE(why_not_prompted(history, "another", false, now)) << "denials to all begin anew";
  EXPECT_EQ(history.asked.count, 3) << "the rate does not";
}

/// The attacker's game in small: who knows the password asks whenever she may; the person never gives in. However long
/// it lasts, the device shows only so many prompts.
TEST(PromptFatigue, WhoAsksWithoutEndIsHeardThreeTimes) {
  PromptHistory history;
  int shown = 0;
  for (int minute = 0; minute < 60 * 24 * 30; ++minute) {
    const WallTime now = kStart + minute * 1min;
    if (why_not_prompted(history, "thief", false, now)) continue;
    history = after_prompt(history, now);
    ++shown;
  }
  EXPECT_EQ(shown, 3);

  history = {};
  shown = 0;
  for (int minute = 0; minute < 60 * 24 * 29; ++minute) {
    const WallTime now = kStart + minute * 1min;
    if (why_not_prompted(history, "thief", false, now)) continue;
    history = after_denial(after_prompt(history, now), "thief", now);
    ++shown;
  }
  EXPECT_EQ(shown, 2) << "each is denied";

  history = {};
  shown = 0;
  for (int minute = 0; minute < 60 * 24 * 29; ++minute) {
    const WallTime now = kStart + minute * 1min;
    const std::string network = std::to_string(minute);
    if (why_not_prompted(history, network, false, now)) continue;
    history = after_denial(after_prompt(history, now), network, now);
    ++shown;
  }
  EXPECT_EQ(shown, 6) << "each from another network, each denied";
}

}  // namespace
}  // namespace countersign::domain
