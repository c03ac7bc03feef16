#pragma once

#include <gtest/gtest.h>

#include <chrono>

#include "support/fixture.h"
#include "support/in_place.h"
#include "support/settings.h"

// What the tests of this folder share beside the fixture itself.
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
inline void verify(Fixture& fixture) {
  fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  ASSERT_EQ(why(fixture.check(fixture.code())), kYes);
  ASSERT_EQ(fixture.status(), TransactionStatus::kVerified);
}

/// An authenticator app that is confirmed, with the step of its confirmation gone by.
inline FactorId active_factor(Fixture& fixture, std::string_view identity = kIdentity) {
  EXPECT_EQ(why(fixture.enrol(identity)), kYes);
  EXPECT_EQ(why(fixture.confirm(identity)), kYes);
  fixture.wait(seconds(60));
  return fixture.factor();
}

/// `times` wrong codes one after the other; answers the last refusal.
inline std::optional<Code> guess_wrong(Fixture& fixture, int times) {
  std::optional<Code> last;
  for (int i = 0; i < times; ++i) last = why(fixture.check(fixture.wrong_code()));
  return last;
}

/// Held, and the app has failed so often that it sleeps. Ten failures must be enough, five for a lock of 30 seconds.
inline void send_app_to_sleep(Fixture& fixture) {
  fixture.hold("any");
  for (int i = 0; i < 10; ++i) {
    if (i == 5) fixture.wait(seconds(30));
    static_cast<void>(fixture.check_totp(fixture.totp_code(50)));
  }
  fixture.wait(hours(2));
  ASSERT_EQ(why(fixture.check_totp(fixture.totp_code())), Code::kFactorUnusable);
}

/// No limit but those that the test sets.
inline domain::Limits& unlimited(Fixture& fixture) {
  domain::Limits limits = no_rates();
  limits.attempts_max = 1000;
  limits.sends_max = 1000;
  limits.failures = {1000, seconds(30), hours(1), 100'000};
  return fixture.limits() = limits;
}

}  // namespace countersign::testing
