#pragma once

#include <string>
#include <string_view>

namespace countersign::api::pages {

/// The code in what somebody typed or pasted into the field: digits of any script, what is not seen, spaces, dashes
/// of every kind and a leading `#` do no harm (base/typed.h), and out of a whole pasted message comes the code of its
/// last line (`@host #123456`), or else its only number of that many digits. What holds no such code comes back as its
/// digits alone, for the use case to refuse.
[[nodiscard]] std::string code_in(std::string_view typed, std::size_t digits);

/// What stays in the field after a code of the wrong length: what was typed, where digits are missing. Nothing where it
/// has as many digits as a code or more: that may be one, and a page does not repeat a code. Nothing that is too long
/// to be looked through, either.
[[nodiscard]] std::string kept_code(std::string_view typed, std::size_t digits);

}  // namespace countersign::api::pages
