#pragma once

#include <optional>

#include "base/test_account.h"
#include "base/time.h"

namespace countersign::store {

/// 2^60 microseconds, 36,500 years: later than any time of a live account, and far from the 64-bit limit.
inline constexpr Duration kTestEra{std::int64_t{1} << 60};

/// The stored due time of a row in the column that workers search. For a test account it is thousands of years later,
/// so that workers with the machine's clock neither find nor scan its rows. [ADR 26]
[[nodiscard]] inline WallTime due_key(const AccountId& account, WallTime due_at) {
  return is_test(account) ? due_at + kTestEra : due_at;
}
[[nodiscard]] inline std::optional<WallTime> due_key(const AccountId& account, const std::optional<WallTime>& due_at) {
  return due_at ? std::optional(due_key(account, *due_at)) : std::nullopt;
}
/// The reverse.
[[nodiscard]] inline WallTime due_from_key(const AccountId& account, WallTime key) {
  return is_test(account) ? key - kTestEra : key;
}

}  // namespace countersign::store
