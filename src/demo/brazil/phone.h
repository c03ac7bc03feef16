#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace countersign::demo {

enum class PhoneFault : std::uint8_t {
  kEmpty,
  kLength,       ///< Not ten or eleven digits after the country code.
  kAreaCode,     ///< The area code (DDD) does not exist.
  kMissingNine,  ///< Eight digits where a mobile number has nine, the first a 9.
  kNotMobile,    ///< A landline cannot receive messages.
};

/// A Brazilian mobile number in E.164, `+5511987654321`, from input with or without +55 or a leading zero.
[[nodiscard]] Result<std::string, PhoneFault> parse_mobile(std::string_view typed);

/// `(11) 98765-4321`; takes the result of parse_mobile().
[[nodiscard]] std::string format_mobile(std::string_view e164);
/// `(11) •••••-4321`
[[nodiscard]] std::string mask_mobile(std::string_view e164);

}  // namespace countersign::demo
