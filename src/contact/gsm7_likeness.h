#pragma once

#include <optional>
#include <string_view>

namespace countersign::contact {

// Character classes, and replacements in GSM-7 (3GPP TS 23.038).

/// Includes the Braille blank.
[[nodiscard]] bool is_space(char32_t c);

/// Combining marks on, under or through a character, of the scripts around Latin.
[[nodiscard]] bool is_combining(char32_t c);

/// Control characters, and invisible characters that change the order or look of text.
[[nodiscard]] bool is_invisible(char32_t c);

/// Emoji and other pictographs, which a message does not need. Numbers in circles are not among them.
[[nodiscard]] bool is_picture(char32_t c);

/// The GSM-7 replacement for `c`, which is not in it: a Latin letter without its diacritics or with a sensible
/// equivalent (ł → l, œ → oe, ə → e, Đ → D), a Greek capital as the Latin one of the same shape, plain quotes, dashes
/// and spaces; empty for invisible characters. nullopt where there is none (other scripts, Greek small letters) and for
/// characters that would change a number: superscripts, subscripts, fractions, letters shaped like digits,
/// strike-through.
[[nodiscard]] std::optional<std::string_view> gsm7_likeness(char32_t c);

}  // namespace countersign::contact
