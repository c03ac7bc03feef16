#pragma once

#include <string>
#include <string_view>

namespace countersign::api::pages {

/// Extracts the code from typed or pasted text: accepts digits of any script, and ignores invisible characters, spaces,
/// all kinds of dashes and a leading `#` (base/typed.h). From a whole pasted message it takes the code of the last line
/// (`@host #123456`), or else the only number with that many digits. Without such a code it returns just the digits,
/// for the use case to refuse.
[[nodiscard]] std::string code_in(std::string_view typed, std::size_t digits);

/// What stays in the field after an incomplete recovery code: the input, if characters are missing.
[[nodiscard]] std::string kept_recovery_code(std::string_view typed);

/// What stays in the field after a code of the wrong length: the input, if digits are missing. Nothing if it has as
/// many digits as a code or more: it may contain one, and a page does not repeat a code. Nothing if it is too long to
/// examine.
[[nodiscard]] std::string kept_code(std::string_view typed, std::size_t digits);

}  // namespace countersign::api::pages
