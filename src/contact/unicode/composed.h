#pragma once

#include <string>
#include <string_view>

namespace countersign::contact {

// What makes one spelling of a text of many, by the tables of Unicode (table.inc). For short texts: takes the square of
// their length.

/// Normalization Form C of well-formed UTF-8: letters with their accents as one code point where there is one. [UAX 15]
[[nodiscard]] std::string composed(std::string_view text);

/// Small letters, one for one, as far as each letter's own small form goes; the result of composed() stays composed.
[[nodiscard]] std::string in_small_letters(std::string_view text);

}  // namespace countersign::contact
