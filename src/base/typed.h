#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace countersign {

// Normalises typed or pasted telephone numbers and codes. Keyboards of other scripts have their own digits, and copied
// text contains invisible marks. For numbers only: in names these characters carry meaning (domain/display.h).

/// Removes the next character from `rest`, which must not be empty, and returns what it stands for:
/// - a decimal digit of any living script, full-width ones included: its ASCII digit;
/// - a space of any width: ' '; a hyphen, dash or minus: '-'; full-width `# ( ) + .`: these in ASCII;
/// - invisible characters (soft hyphen, zero width, direction marks, embeddings and isolates): '\0';
/// - other ASCII but NUL: itself. Otherwise nullopt, also for broken UTF-8.
[[nodiscard]] std::optional<char> take_typed(std::string_view& rest);

/// Applies take_typed() to the whole text; keeps characters for which it returns nullopt.
[[nodiscard]] std::string plain_typed(std::string_view text);

/// A decimal digit of any script, ASCII included.
[[nodiscard]] bool is_decimal_digit(char32_t c);

}  // namespace countersign
