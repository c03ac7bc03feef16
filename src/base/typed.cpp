#include "base/typed.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace countersign {

namespace {

/// First digit of each script in the Basic Multilingual Plane that has ten digits (Unicode 17, General_Category Nd).
constexpr std::array<char32_t, 37> kZeros{
    0x0030, 0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66,
    0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50,
    0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10};

std::optional<int> digit_of(char32_t c) {
  const auto after = std::ranges::upper_bound(kZeros, c);
  if (after == kZeros.begin()) return std::nullopt;
  const char32_t digit = c - *std::prev(after);
  return digit < 10 ? std::optional(static_cast<int>(digit)) : std::nullopt;
}

bool is_space(char32_t c) {
  return c == 0x00A0 || c == 0x1680 || is_between(c, 0x2000, 0x200A) || c == 0x202F || c == 0x205F || c == 0x3000;
}

bool is_hyphen(char32_t c) {
  return is_between(c, 0x2010, 0x2015) || c == 0x2043 || c == 0x2212 || c == 0xFE58 || c == 0xFE63 || c == 0xFF0D;
}

bool is_unseen(char32_t c) {
  return c == 0x00AD || c == 0x034F || c == 0x061C || c == 0x180E || is_between(c, 0x200B, 0x200F) ||
         is_between(c, 0x202A, 0x202E) || is_between(c, 0x2060, 0x206F) || c == 0xFEFF;
}

}  // namespace

bool is_decimal_digit(char32_t c) { return digit_of(c).has_value(); }

std::optional<char> take_typed(std::string_view& rest) {
  const char32_t c = take_code_point(rest);
  if (c < 0x80) return c == 0 ? std::nullopt : std::optional(static_cast<char>(c));
  if (const auto digit = digit_of(c)) return static_cast<char>('0' + *digit);
  if (is_space(c)) return ' ';
  if (is_hyphen(c)) return '-';
  if (is_unseen(c)) return '\0';
  constexpr std::u32string_view kWide = U"\uFF03\uFF08\uFF09\uFF0B\uFF0E";
  const auto wide = kWide.find(c);
  return wide == std::u32string_view::npos ? std::nullopt : std::optional("#()+."[wide]);
}

std::string plain_typed(std::string_view text) {
  std::string out;
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view before = rest;
    const auto sign = take_typed(rest);
    if (!sign)
      out += before.substr(0, before.size() - rest.size());
    else if (*sign != '\0')
      out += *sign;
  }
  return out;
}

}  // namespace countersign
