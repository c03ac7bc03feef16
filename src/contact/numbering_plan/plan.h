#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "contact/phone_number.h"

// The numbering plans of the world as one table, and its look-ups. Digits are ASCII. Allocates nothing but short
// strings; a look-up reads each digit once.
namespace countersign::contact::numbering_plan {

struct CallingCode {
  std::uint16_t code;
  std::uint16_t start;   ///< Start state of the automaton over national digits.
  std::uint16_t region;  ///< 1 + the index of its main country among the regions; 0: not tied to a country.
  std::uint8_t digits_min, digits_max;  ///< Length of its national numbers.
};

struct Region {
  char name[3];
  std::uint16_t calling_code;          ///< Index among the calling codes.
  std::uint16_t international_prefix;  ///< Programs of the matcher; 0 is none.
  std::uint16_t trunk_prefix;
  char insert[5];     ///< Replaces the trunk prefix, before the kept group.
  std::uint8_t kept;  ///< The group of the trunk prefix's pattern that is part of the number; 0 is none.
};

struct Line {
  std::string_view region;  ///< Empty: not tied to a country.
  LineKind kind;
};

/// The calling code that `digits` starts with. No code is a prefix of another.
[[nodiscard]] const CallingCode* find_calling_code(std::string_view digits);
[[nodiscard]] std::size_t length_of(const CallingCode& code);

/// ISO 3166 code, upper case.
[[nodiscard]] const Region* find_region(std::string_view name);
[[nodiscard]] const Region* main_region(const CallingCode& code);
[[nodiscard]] const CallingCode& calling_code_of(const Region& region);

/// What the number is used for; nullopt if the plan does not contain it.
[[nodiscard]] std::optional<Line> look_up(const CallingCode& code, std::string_view national);

/// `digits` without the prefix dialled for abroad; nullopt if they do not start with it.
[[nodiscard]] std::optional<std::string_view> without_international_prefix(const Region& region,
                                                                           std::string_view digits);
/// `digits` without what is dialled only inside the country (trunk prefix, carrier code), or with the area code that is
/// omitted there; nullopt if nothing changes.
[[nodiscard]] std::optional<std::string> without_trunk_prefix(const Region& region, std::string_view digits);

}  // namespace countersign::contact::numbering_plan
