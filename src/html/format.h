#pragma once

#include <string>
#include <string_view>

#include "base/time.h"

namespace countersign::html {

/// A time zone's offset from UTC at some instant.
struct ZoneOffset {
  Duration east{};   ///< To be added to UTC.
  std::string name;  ///< `UTC`, `BRT`.
};

/// `22/11/2026, 14:05` for pt-BR, `Nov 22, 2026, 2:05 PM` for en (never only numbers, which are ambiguous), and
/// `22/11/26, 2:05 p.m.` for es; then the zone's name.
[[nodiscard]] std::string format_date_time(WallTime time, std::string_view locale, const ZoneOffset& zone);

/// Only the date.
[[nodiscard]] std::string format_date(WallTime time, std::string_view locale, const ZoneOffset& zone);

/// Only the time of day: `14:05 BRT`, `2:05 PM BRT`, `2:05 p.m. BRT`.
[[nodiscard]] std::string format_time(WallTime time, std::string_view locale, const ZoneOffset& zone);

/// `abcdefgh` as `abcd efgh`, for keys typed by hand.
[[nodiscard]] std::string in_groups_of_four(std::string_view text);

/// `text`; if it contains right-to-left characters, between U+2068 and U+2069, so that the rest of a sentence keeps its
/// order. For names from outside; in markup of its own a name is in a `<bdi>`.
[[nodiscard]] std::string isolated(std::string_view text);

/// `4321` as `4 3 2 1`, for a screen reader to read digit by digit.
[[nodiscard]] std::string spaced(std::string_view text);

}  // namespace countersign::html
