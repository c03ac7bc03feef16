#pragma once

#include <optional>
#include <string_view>

namespace countersign::contact {

// What characters are, and what stands for them in GSM-7 (3GPP TS 23.038).

[[nodiscard]] constexpr bool is_between(char32_t c, char32_t first, char32_t last) { return c >= first && c <= last; }

/// The blank of Braille among them.
[[nodiscard]] bool is_space(char32_t c);

/// Marks that stand on, under or through what they follow, of the scripts around Latin.
[[nodiscard]] bool is_combining(char32_t c);

/// Control characters, and what changes the order or look of text without showing itself.
[[nodiscard]] bool is_invisible(char32_t c);

/// Emoji and other small pictures, which say nothing that a message needs. Numbers in circles are none.
[[nodiscard]] bool is_picture(char32_t c);

/// In letters and signs of GSM-7, what reads like `c`, which is not in it: a Latin letter without its marks or with a
/// sensible equivalent (ł → l, œ → oe, ə → e, Đ → D), a Greek capital as the Latin one of the same shape, quotes,
/// dashes and spaces as plain ones; empty for what is invisible. Nothing where no likeness is (other scripts, Greek
/// small letters), nor for what would change a number: raised and lowered digits, fractions, letters in the shape of
/// digits, strokes through what stands there.
[[nodiscard]] std::optional<std::string_view> gsm7_likeness(char32_t c);

}  // namespace countersign::contact
