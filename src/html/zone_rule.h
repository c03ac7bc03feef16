#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace countersign::html {

/// A time zone defined by a rule, as in the last line of a TZif file (RFC 8536, section 3.3, in the form of POSIX's TZ,
/// extended to hours from -167 to 167). `EST5EDT,M3.2.0,M11.1.0`, `<-03>3`. Immutable.
class ZoneRule {
 public:
  struct Clock {
    std::string name;
    std::int64_t east = 0;  ///< Seconds to add to UTC.
  };

  /// Nothing if invalid or empty.
  [[nodiscard]] static std::optional<ZoneRule> parse(std::string_view text);

  /// At `seconds` since the epoch.
  [[nodiscard]] const Clock& at(std::int64_t seconds) const;

 private:
  /// A day of each year, and a time of that day.
  struct Day {
    enum class Form { kMonthWeekDay, kWithoutLeapDay, kZeroBased };
    Form form = Form::kMonthWeekDay;
    int month = 0;
    int week = 0;
    int day = 0;
    std::int64_t time = 7200;

    /// Seconds from the epoch to that time, as if it were UTC.
    [[nodiscard]] std::int64_t in_year(int year) const;
  };
  friend struct ZoneRuleReader;

  Clock standard_;
  std::optional<Clock> summer_;
  Day begins_;  ///< Start of summer time, by the standard clock; `ends_` is by the summer clock.
  Day ends_;
};

}  // namespace countersign::html
