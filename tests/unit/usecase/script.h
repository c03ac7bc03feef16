#pragma once

#include <gtest/gtest.h>

#include <chrono>

#include "support/house.h"

// What the tests of this folder share beside the house itself.
namespace countersign::testing {

using domain::TransactionStatus;
using domain::VerificationStatus;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

inline constexpr Duration kTick{1};  ///< The smallest step of time: what lies beside a boundary.
inline constexpr std::string_view kOtherPhone = "+5521998765432";

/// Holds, sends and proves a code: a verified transaction.
inline void verify(House& house) {
  house.hold();
  ASSERT_EQ(why(house.start()), kYes);
  ASSERT_EQ(why(house.check(house.code())), kYes);
  ASSERT_EQ(house.status(), TransactionStatus::kVerified);
}

/// An authenticator app that is confirmed, with the step of its confirmation gone by.
inline FactorId active_factor(House& house, std::string_view identity = kIdentity) {
  EXPECT_EQ(why(house.enrol(identity)), kYes);
  EXPECT_EQ(why(house.confirm(identity)), kYes);
  house.wait(seconds(60));
  return house.factor();
}

/// `times` wrong codes one after the other; answers the last refusal.
inline std::optional<Code> guess_wrong(House& house, int times) {
  std::optional<Code> last;
  for (int i = 0; i < times; ++i) last = why(house.check(house.wrong_code()));
  return last;
}

/// No limit but those that the test sets.
inline usecase::Limits& unlimited(House& house) {
  usecase::Limits limits;
  limits.attempts_max = 1000;
  limits.sends_max = 1000;
  limits.failures = {1000, seconds(30), hours(1), 100'000};
  return house.limits() = limits;
}

}  // namespace countersign::testing
