#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace countersign::demo {

enum class PhoneFault : std::uint8_t {
  kEmpty,
  kLength,       ///< Not ten or eleven digits after the country code.
  kAreaCode,     ///< There is no such DDD.
  kMissingNine,  ///< Eight digits where a mobile has nine, the first a 9.
  kNotMobile,    ///< A landline cannot receive messages.
};

/// A Brazilian mobile number in E.164, `+5511987654321`, from what was typed with or without +55 or a zero in front.
[[nodiscard]] Result<std::string, PhoneFault> parse_mobile(std::string_view typed);

/// `(11) 98765-4321`; takes what parse_mobile() gave.
[[nodiscard]] std::string format_mobile(std::string_view e164);
/// `(11) •••••-4321`
[[nodiscard]] std::string mask_mobile(std::string_view e164);

}  // namespace countersign::demo
