#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace countersign::demo {

enum class IbanFault : std::uint8_t {
  kEmpty,
  kForm,         ///< Not two letters, two digits, then letters and digits.
  kCountry,      ///< The country has no IBAN.
  kLength,       ///< Not the country's length.
  kCheckDigits,  ///< Not 1 modulo 97.
};

/// An International Bank Account Number (ISO 13616) without spaces, in upper case.
[[nodiscard]] Result<std::string, IbanFault> parse_iban(std::string_view typed);

[[nodiscard]] std::string format_iban(std::string_view iban);  ///< In groups of four.

}  // namespace countersign::demo
