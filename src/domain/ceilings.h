#pragma once

#include <cstdint>

#include "base/time.h"

namespace countersign::domain {

// Bounds for the protection of codes, for the configuration and the Verify-compatible API. Only the settings below
// allow weaker values.

/// Settings that allow weaker values.
struct Loosened {
  bool short_codes = false;       ///< `allow_short_codes`: codes of 4 and 5 digits.
  bool wide_totp_window = false;  ///< `allow_wide_totp_window`: codes of an app two time steps away.
};

template <class T>
struct Bounds {
  T least;
  T most;
  [[nodiscard]] constexpr bool hold(T value) const { return least <= value && value <= most; }
  [[nodiscard]] constexpr T nearest(T value) const { return value < least ? least : most < value ? most : value; }
};

[[nodiscard]] constexpr Bounds<std::int64_t> code_length_bounds(const Loosened& loosened) {  // [OTP-1]
  return {loosened.short_codes ? 4 : 6, 10};
}
[[nodiscard]] constexpr Bounds<Duration> code_ttl_bounds() {  // [OTP-2]
  return {std::chrono::minutes(1), std::chrono::minutes(10)};
}
[[nodiscard]] constexpr Bounds<std::int64_t> attempts_bounds() { return {1, 5}; }  // [THR-1]
[[nodiscard]] constexpr Bounds<std::int64_t> sends_bounds() { return {1, 5}; }
[[nodiscard]] constexpr Bounds<std::int64_t> totp_digits_bounds() { return {6, 8}; }
[[nodiscard]] constexpr Bounds<std::int64_t> totp_skew_bounds(const Loosened& loosened) {  // [TOTP-3]
  return {0, loosened.wide_totp_window ? 2 : 1};
}

}  // namespace countersign::domain
