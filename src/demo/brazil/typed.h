#pragma once

#include <string>
#include <string_view>

#include "base/ascii.h"

namespace countersign::demo {

// What people type into forms, tidied up: forms take dots, hyphens and spaces as they come.

[[nodiscard]] bool all_digits(std::string_view text);  ///< False for an empty text.

/// A number without any of `characters`, with what is pasted taken for what it looks like (base/typed.h).
[[nodiscard]] std::string without(std::string_view text, std::string_view characters);
[[nodiscard]] std::string to_upper(std::string_view text);  ///< ASCII alone.
[[nodiscard]] std::string to_lower(std::string_view text);
/// Without white space at the ends, the no-break space included.
[[nodiscard]] std::string trimmed(std::string_view text);

/// `characters` in the places of `#`, the rest of the mask between them.
[[nodiscard]] std::string with_mask(std::string_view characters, std::string_view mask);

}  // namespace countersign::demo
