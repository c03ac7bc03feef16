#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace countersign::demo {

/// How a language writes numbers. It never changes the value of a text, only whether the text is unambiguous: three
/// digits after a single separator (`1.050`) are thousands if the language groups with that separator; otherwise the
/// person is asked.
struct NumberStyle {
  char decimal;            ///< Before cents.
  char group;              ///< Between thousands.
  std::string_view taken;  ///< The grouping separators accepted in that language.
};
/// Portuguese `1.234,56`; English and Spanish `1,234.56`. Spanish-speaking countries group with dots or commas, so
/// Spanish accepts both.
[[nodiscard]] NumberStyle number_style(std::string_view language);

enum class NumberFault : std::uint8_t {
  kEmpty,
  kForm,      ///< Not a number, or with misplaced separators: `1.23,4,5`, `80,`, `-1`.
  kTwoWays,   ///< Ambiguous, thousands or a fraction: `1.050` in English.
  kFraction,  ///< A fraction where a whole number is required.
  kTooLarge,  ///< More than `max`.
};

/// An amount of money in cents: `10`, `10,5`, `10.50`, `1.234,56`, `1,234.56`, `1 234,56`, `R$ 10,50`, `10,50 reais`.
/// The last separator precedes cents if one or two digits follow it.
[[nodiscard]] Result<std::int64_t, NumberFault> parse_cents(std::string_view typed, NumberStyle style,
                                                            std::int64_t max);
/// A whole number: `200`, `1.500` and `1 500` where dots group, never `1.5` and never `15.00`.
[[nodiscard]] Result<std::int64_t, NumberFault> parse_count(std::string_view typed, NumberStyle style,
                                                            std::int64_t max);

[[nodiscard]] std::string format_cents(std::int64_t cents, NumberStyle style);  ///< `1.234,56`
[[nodiscard]] std::string format_count(std::int64_t count, NumberStyle style);  ///< `1.234`

}  // namespace countersign::demo
