#pragma once

#include <string>
#include <string_view>

#include "base/ascii.h"

namespace countersign::demo {

// Normalises form input, which may contain dots, hyphens and spaces.

[[nodiscard]] bool all_digits(std::string_view text);  ///< False for an empty text.

/// A number without any of `characters`; maps look-alike characters from pasted text (base/typed.h).
[[nodiscard]] std::string without(std::string_view text, std::string_view characters);
/// Without leading and trailing white space, including the no-break space.
[[nodiscard]] std::string trimmed(std::string_view text);

/// Replaces each `#` of the mask by the next of `characters`.
[[nodiscard]] std::string with_mask(std::string_view characters, std::string_view mask);

}  // namespace countersign::demo
