#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "base/ascii.h"

namespace countersign::http {

/// A lookup table for the 256 byte values, built at compile time: headers are read byte by byte.
class CharacterSet {
 public:
  template <class Predicate>
  explicit constexpr CharacterSet(Predicate predicate) {
    for (int c = 0; c < 256; ++c) has_[static_cast<std::size_t>(c)] = predicate(static_cast<char>(c));
  }
  [[nodiscard]] constexpr bool has(char c) const { return has_[static_cast<unsigned char>(c)]; }
  [[nodiscard]] constexpr bool has_all(std::string_view text) const {
    return std::ranges::all_of(text, [this](char c) { return has(c); });
  }

 private:
  std::array<bool, 256> has_{};
};

/// token (RFC 9110 section 5.6.2)
inline constexpr CharacterSet kTokenChars{[](char c) {
  return is_letter_or_digit(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}};

/// field-vchar, space and tab (RFC 9110 section 5.5); bytes above 0x7F are allowed, without a meaning.
inline constexpr CharacterSet kFieldChars{
    [](char c) { return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F); }};

}  // namespace countersign::http
