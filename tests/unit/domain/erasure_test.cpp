#include "domain/erasure.h"

#include <gtest/gtest.h>

#include "domain/objection.h"
#include "some.h"
#include "transition_words.h"

namespace countersign::domain {
namespace {

const WallTime kDue = kNoon + hours(72);

std::string erasure_word(const std::optional<Erasure>& erasure) {
  if (!erasure) return "-";
  if (erasure->acts_at) return "waiting";
  return erasure->erased_at && (!erasure->stopped_at || *erasure->erased_at > *erasure->stopped_at) ? "done"
                                                                                                    : "stopped";
}

// `due`: its time has come, and nobody has done it. `-`: nothing comes of it.
TEST(Erasure, EveryStateByEveryTransition) {
  const WordTable table(R"(
          ask      stop     put_off  erase
none      waiting  -        -        -
waiting   -        stopped  -        -
due       -        stopped  waiting  done
stopped   waiting  -        -        -
done      waiting  -        -        -
)");
  expect_table(table, [](const std::string& state, const std::string& transition) {
    std::optional<Erasure> erasure;
    if (state != "none") erasure = erasure_asked(std::nullopt, kNoon);
    if (state == "stopped") erasure = stopped(*erasure, kNoon + hours(1));
    if (state == "done") erasure = erased(*erasure, kDue);
    const WallTime now = state == "waiting" ? kDue - kTick : kDue;
    if (transition == "ask") return erasure_word(erasure_asked(erasure, now));
    const Erasure there = erasure.value_or(Erasure{});
    if (transition == "stop") return erasure_word(stopped(there, now));
    if (transition == "erase") return erasure_word(erased(there, now));
    return erasure_word(put_off(there, hours(24), now));
  });
}

TEST(Erasure, WaitsThreeDaysAndRemembersThatItHappened) {
  const auto asked = erasure_asked(std::nullopt, kNoon);
  EXPECT_EQ(asked->asked_at, kNoon);
  EXPECT_EQ(asked->acts_at, kDue);
  EXPECT_EQ(stopped(*asked, kNoon + hours(1))->stopped_at, kNoon + hours(1));
  EXPECT_EQ(put_off(*asked, hours(24), kDue)->acts_at, kDue + hours(24));
  const auto done = erased(*asked, kDue);
  EXPECT_EQ(done->erased_at, kDue);
  const auto again = erasure_asked(done, kDue + hours(1));
  EXPECT_EQ(again->asked_at, kDue + hours(1));
  EXPECT_EQ(again->erased_at, kDue);
}

TEST(CheckObjection, IsRightOnceAndSpendsEveryGuess) {
  const ObjectionCode code{"right", 0, kNoon + minutes(10)};
  const auto right = check_objection(code, "right", 5, kNoon);
  ASSERT_TRUE(right);
  EXPECT_EQ(right->outcome, ObjectionOutcome::kRight);
  EXPECT_EQ(right->next.attempts, 1);
  EXPECT_EQ(right->next.digest, "");
  EXPECT_EQ(check_objection(right->next, "right", 5, kNoon)->outcome, ObjectionOutcome::kOver);
  EXPECT_EQ(check_objection(right->next, "", 5, kNoon)->outcome, ObjectionOutcome::kOver);
  const auto wrong = check_objection(code, "left", 5, kNoon);
  EXPECT_EQ(wrong->outcome, ObjectionOutcome::kWrong);
  EXPECT_EQ(wrong->next.attempts, 1);
  EXPECT_EQ(wrong->next.digest, "right");
}

TEST(CheckObjection, NotWhenItIsOverOrNoGuessIsLeft) {
  const ObjectionCode code{"right", 4, kNoon + minutes(10)};
  EXPECT_EQ(check_objection(code, "right", 5, code.expires_at - kTick)->outcome, ObjectionOutcome::kRight);
  EXPECT_EQ(check_objection(code, "right", 5, code.expires_at)->outcome, ObjectionOutcome::kOver);
  EXPECT_EQ(check_objection(code, "right", 5, code.expires_at)->next.attempts, 5);
  EXPECT_FALSE(check_objection(code, "right", 4, kNoon));
}

}  // namespace
}  // namespace countersign::domain
