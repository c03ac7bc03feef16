#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace countersign::demo {

enum class IbanFault : std::uint8_t {
  kEmpty,
  kForm,         ///< Not two letters, two digits, then letters and digits.
  kCountry,      ///< A country that has no IBAN.
  kLength,       ///< Not that country's length.
  kCheckDigits,  ///< The remainder by 97 is not 1.
};

/// An International Bank Account Number (ISO 13616) without spaces, in upper case.
[[nodiscard]] Result<std::string, IbanFault> parse_iban(std::string_view typed);

[[nodiscard]] std::string format_iban(std::string_view iban);  ///< In groups of four.

}  // namespace countersign::demo
