#pragma once

#include "base/test_account.h"
#include "usecase/context.h"
#include "usecase/problem.h"

namespace countersign::usecase {

// The clock of a test account: the machine's, and as much ahead of it as the integrator has moved it. [ADR 26]

/// What time it is for the account. `machine` for every live account, without a query.
[[nodiscard]] WallTime time_for(store::Tx& tx, const AccountId& account, WallTime machine);

struct TestClock {
  WallTime now;
  Duration ahead{};
};
[[nodiscard]] TestClock show_test_clock(store::Tx& tx, const AccountId& account, WallTime machine);

inline constexpr Duration kTestAdvanceMax = std::chrono::days(31);        ///< By one call.
inline constexpr Duration kTestAheadMax = std::chrono::days(365 * 1000);  ///< Of all together.

/// Moves the clock of the caller's account, which is a test account, forward: by whole seconds, at least one. What
/// comes due thereby is worked off with it (work_off_tests). `moment` is by the account's clock, before and after.
/// kInvalidField, `advance_seconds`.
[[nodiscard]] Answer<TestClock> advance_test_clock(store::Tx& tx, const Context& context, const Caller& caller,
                                                   std::chrono::seconds by, Moment& moment);

/// Counts a request that writes to a test account, by the machine's clock, or says that there were too many: what tests
/// leave behind is bounded, and no clock that a test key moves makes more room.
/// `bytes` of the body: every 16 KiB begun count as a request.
[[nodiscard]] std::optional<Problem> count_test_write(store::Tx& tx, const AccountId& account, std::size_t bytes,
                                                      WallTime machine);
inline constexpr domain::Rate kTestWritesOfAccount{20'000, std::chrono::hours(24)};
inline constexpr std::size_t kTestWriteBytes = 16 * 1024;

/// The same for a webhook, which goes to whatever address a test key names. False: there were too many; it waits.
[[nodiscard]] bool count_test_webhook(store::Tx& tx, const AccountId& account, WallTime machine);
inline constexpr domain::Rate kTestWebhooksOfAccount{5'000, std::chrono::hours(24)};

}  // namespace countersign::usecase
