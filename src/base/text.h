#pragma once

#include <cstddef>
#include <string_view>

// UTF-8 text for people, by code points.
namespace countersign {

/// Well-formed UTF-8 (no overlong forms, no surrogates, nothing above U+10FFFF).
[[nodiscard]] bool is_utf8(std::string_view text);

/// The number of code points of well-formed UTF-8.
[[nodiscard]] std::size_t utf8_length(std::string_view text);

/// The size in bytes of the well-formed code point at the start of `text`; 0 if there is none.
[[nodiscard]] std::size_t code_point_size(std::string_view text);

/// Replaces a byte that is not UTF-8. No code point has this number.
inline constexpr char32_t kNotUtf8 = 0xFFFFFFFF;

/// take_code_point() where the first byte is not ASCII.
[[nodiscard]] char32_t take_long_code_point(std::string_view& rest);

/// Removes the next code point from `rest`, which must not be empty. If it is malformed, removes one byte and returns
/// kNotUtf8.
[[nodiscard]] inline char32_t take_code_point(std::string_view& rest) {
  const auto lead = static_cast<unsigned char>(rest.front());
  if (lead >= 0x80) return take_long_code_point(rest);
  rest.remove_prefix(1);
  return lead;
}

[[nodiscard]] constexpr bool is_between(char32_t c, char32_t first, char32_t last) { return c >= first && c <= last; }

/// Control characters (line breaks included) and invisible characters that hide or reorder others: zero width,
/// direction marks, embeddings, isolates, tags.
[[nodiscard]] bool hides_or_turns(char32_t c);

}  // namespace countersign
