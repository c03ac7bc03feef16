#pragma once

#include <string>
#include <string_view>

#include "base/time.h"

namespace countersign::html {

/// A place's clock against UTC at some instant.
struct ZoneOffset {
  Duration east{};   ///< To be added to UTC.
  std::string name;  ///< `UTC`, `BRT`.
};

/// `22/11/2026, 14:05` for pt-BR, `Nov 22, 2026, 2:05 PM` for en (never all numbers, which read in two ways), and
/// `22/11/26, 2:05 p.m.` for es; then the zone's name.
[[nodiscard]] std::string format_date_time(WallTime time, std::string_view locale, const ZoneOffset& zone);

/// The time of day alone: `14:05 BRT`, `2:05 PM BRT`, `2:05 p.m. BRT`.
[[nodiscard]] std::string format_time(WallTime time, std::string_view locale, const ZoneOffset& zone);

/// `abcdefgh` as `abcd efgh`: keys that are typed by hand.
[[nodiscard]] std::string in_groups_of_four(std::string_view text);

/// `text`, and where anything in it is written from right to left, between U+2068 and U+2069: what stands beside it in
/// a sentence then keeps its place. For names that come from outside; in markup of its own a name stands in a `<bdi>`.
[[nodiscard]] std::string isolated(std::string_view text);

/// `4321` as `4 3 2 1`: what a screen reader should read digit by digit.
[[nodiscard]] std::string spaced(std::string_view text);

}  // namespace countersign::html
