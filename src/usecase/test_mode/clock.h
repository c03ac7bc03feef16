#pragma once

#include "base/test_account.h"
#include "usecase/problem.h"
#include "usecase/work.h"

namespace countersign::usecase {

// The clock of a test account: the machine's, ahead by as much as the integrator has moved it. [ADR 26]

/// The account's current time. Returns `machine` for a live account, without a query.
[[nodiscard]] WallTime time_for(store::Tx& tx, const AccountId& account, WallTime machine);

struct TestClock {
  WallTime now;
  Duration ahead{};
};
[[nodiscard]] TestClock show_test_clock(store::Tx& tx, const AccountId& account, WallTime machine);

inline constexpr Duration kTestAdvanceMax = std::chrono::days(31);        ///< Limit of one call.
inline constexpr Duration kTestAheadMax = std::chrono::days(365 * 1000);  ///< Limit of all calls together.

/// Moves the clock of the caller's account, a test account, forward by whole seconds, at least one. Processes what
/// becomes due (work_off_tests). `work.moment` is by the account's clock, before and after. kInvalidField,
/// `advance_seconds`.
[[nodiscard]] Answer<TestClock> advance_test_clock(const Work& work, std::chrono::seconds by);

/// Counts a write request to a test account, by the machine's clock, or refuses it: test data is bounded, and moving
/// the test clock does not raise the limit. `bytes` of the body: each 16 KiB begun counts as a request.
[[nodiscard]] std::optional<Problem> count_test_write(store::Tx& tx, const AccountId& account, std::size_t bytes,
                                                      WallTime machine);
inline constexpr domain::Rate kTestWritesOfAccount{20'000, std::chrono::hours(24)};
inline constexpr std::size_t kTestWriteBytes = 16 * 1024;

/// Counts a webhook, which goes to any address that a test key names. False: over the limit; the webhook waits.
[[nodiscard]] bool count_test_webhook(store::Tx& tx, const AccountId& account, WallTime machine);
inline constexpr domain::Rate kTestWebhooksOfAccount{5'000, std::chrono::hours(24)};

}  // namespace countersign::usecase
