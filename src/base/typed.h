#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace countersign {

// What people type or paste where a number is asked for: telephone numbers and codes. Keyboards of other scripts have
// digits of their own, and what is copied brings marks that nobody sees. This is for numbers alone: in a name the same
// characters mean something (domain/display.h).

/// Takes the next sign off `rest`, which must not be empty, and says what it stands for:
/// - a decimal digit of any living script, full-width ones among them: its ASCII digit;
/// - a space of any width: ' '; a hyphen, dash or minus: '-'; full-width `# ( ) + .`: these in ASCII;
/// - what is not seen (soft hyphen, zero width, marks, embeddings and isolates of direction): '\0';
/// - other ASCII but NUL: itself. Nothing for all else, broken UTF-8 included.
[[nodiscard]] std::optional<char> take_typed(std::string_view& rest);

/// The whole text so; what stands for nothing stays as it is.
[[nodiscard]] std::string plain_typed(std::string_view text);

/// A decimal digit of a script, ASCII's included.
[[nodiscard]] bool is_decimal_digit(char32_t c);

/// Takes the next code point off `rest`, which must not be empty. U+FFFD, and one byte, where it is not well formed.
[[nodiscard]] char32_t take_code_point(std::string_view& rest);

}  // namespace countersign
