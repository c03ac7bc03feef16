#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace countersign {

using Duration = std::chrono::microseconds;

/// Wall-clock time, UTC, microseconds since the Unix epoch: for storage, display and signatures.
using WallTime = std::chrono::sys_time<Duration>;

/// Monotonic time for deadlines and latencies. Its origin is arbitrary.
using MonotonicTime = std::chrono::time_point<std::chrono::steady_clock, Duration>;

[[nodiscard]] inline std::int64_t to_micros(WallTime t) { return t.time_since_epoch().count(); }
[[nodiscard]] inline WallTime from_micros(std::int64_t micros) { return WallTime(Duration(micros)); }
[[nodiscard]] inline std::int64_t to_unix_seconds(WallTime t) {
  return std::chrono::floor<std::chrono::seconds>(t).time_since_epoch().count();
}

/// RFC 3339 in UTC with milliseconds, `2026-11-22T14:05:09.123Z`: the form in the API, receipts and logs.
[[nodiscard]] std::string to_rfc3339(WallTime t);
void append_rfc3339(std::string& out, WallTime t);

/// Reads RFC 3339: `Z` or an offset, capital or small letters, up to nine fraction digits (truncated to microseconds),
/// and Java's form without zero seconds. A leap second (`:60`) becomes the next second. Returns nullopt for anything
/// else or a date that does not exist.
[[nodiscard]] std::optional<WallTime> from_rfc3339(std::string_view text);

/// A source of time, passed in through constructors; functions of the domain take the time itself. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual WallTime now() const = 0;
  [[nodiscard]] virtual MonotonicTime monotonic() const = 0;
};

/// The machine's clocks.
[[nodiscard]] Clock& system_clock();

}  // namespace countersign
