#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace countersign {
namespace {

using TextResult = Result<std::string, std::string>;
using OwnedResult = Result<std::unique_ptr<int>, std::shared_ptr<int>>;

static_assert(std::is_copy_constructible_v<TextResult> && std::is_copy_assignable_v<TextResult>);
static_assert(!std::is_copy_constructible_v<OwnedResult> && !std::is_copy_assignable_v<OwnedResult>);
static_assert(std::is_nothrow_move_constructible_v<TextResult> && std::is_nothrow_move_constructible_v<OwnedResult>);

// Longer than what a string holds in itself, so that the address sanitizer sees one that is not destroyed.
const std::string kResultValue(100, 'v');
const std::string kResultError(100, 'e');

TEST(ResultCopies, AreTheSameAndLeaveTheOther) {
  const TextResult value(kResultValue);
  const TextResult error(fail(kResultError));
  const TextResult again = value;
  const TextResult failed = error;
  EXPECT_EQ(*again, kResultValue);
  EXPECT_EQ(failed.error(), kResultError);
  EXPECT_EQ(*value, kResultValue);
  EXPECT_EQ(error.error(), kResultError);
}

TEST(ResultAssignments, TurnEitherIntoEither) {
  for (const bool before : {true, false}) {
    for (const bool after : {true, false}) {
      TextResult result = before ? TextResult("before") : TextResult(fail("before"));
      const TextResult next = after ? TextResult(kResultValue) : TextResult(fail(kResultError));
      result = next;
      ASSERT_EQ(result.has_value(), after);
      EXPECT_EQ(after ? *result : result.error(), after ? kResultValue : kResultError);
      const TextResult& itself = result;
      result = itself;
      EXPECT_EQ(after ? *result : result.error(), after ? kResultValue : kResultError);
    }
  }
}

TEST(ResultMoves, HandOverWhatIsOwnedOnce) {
  const auto counted = std::make_shared<int>(7);
  {
    OwnedResult failed(fail(counted));
    EXPECT_EQ(counted.use_count(), 2);
    OwnedResult moved(std::move(failed));
    EXPECT_EQ(counted.use_count(), 2);
    EXPECT_EQ(*moved.error(), 7);
    moved = OwnedResult(std::make_unique<int>(8));
    EXPECT_EQ(counted.use_count(), 1);
    EXPECT_EQ(**moved, 8);
    moved = fail(counted);
    EXPECT_EQ(counted.use_count(), 2);
  }
  EXPECT_EQ(counted.use_count(), 1);
}

TEST(ResultDeathTest, ReadingTheAbsentSideEndsTheProcess) {
  const TextResult value(kResultValue);
  const TextResult error(fail(kResultError));
  EXPECT_DEATH(static_cast<void>(value.error()), "");
  EXPECT_DEATH(static_cast<void>(*error), "");
}

}  // namespace
}  // namespace countersign
