#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace countersign::demo {

/// How a language writes numbers. What a text means never depends on it, only whether the text is clear enough: three
/// digits behind a single separator (`1.050`) are thousands where the language groups with that separator, and are
/// asked about where it does not.
struct NumberStyle {
  char decimal;            ///< Before cents.
  char group;              ///< Between thousands.
  std::string_view taken;  ///< What people who read that language group with.
};
/// Portuguese `1.234,56`; English and Spanish `1,234.56`. Spanish is read in countries that group with dots as well as
/// in those that group with commas, so it takes both.
[[nodiscard]] NumberStyle number_style(std::string_view language);

enum class NumberFault : std::uint8_t {
  kEmpty,
  kForm,      ///< Not a number, or one whose separators make no sense: `1.23,4,5`, `80,`, `-1`.
  kTwoWays,   ///< Thousands or a fraction: `1.050` in English.
  kFraction,  ///< Of something that is counted.
  kTooLarge,  ///< More than `max`.
};

/// An amount of money in cents: `10`, `10,5`, `10.50`, `1.234,56`, `1,234.56`, `1 234,56`, `R$ 10,50`, `10,50 reais`.
/// The last separator stands before cents where one or two digits follow it.
[[nodiscard]] Result<std::int64_t, NumberFault> parse_cents(std::string_view typed, NumberStyle style,
                                                            std::int64_t max);
/// A whole number: `200`, `1.500` and `1 500` where dots group, never `1.5` and never `15.00`.
[[nodiscard]] Result<std::int64_t, NumberFault> parse_count(std::string_view typed, NumberStyle style,
                                                            std::int64_t max);

[[nodiscard]] std::string format_cents(std::int64_t cents, NumberStyle style);  ///< `1.234,56`
[[nodiscard]] std::string format_count(std::int64_t count, NumberStyle style);  ///< `1.234`

}  // namespace countersign::demo
