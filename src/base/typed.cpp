#include "base/typed.h"

#include <algorithm>
#include <array>

namespace countersign {

namespace {

constexpr char32_t kNoCodePoint = 0xFFFD;

/// Where the ten digits of each script of the Basic Multilingual Plane begin (Unicode 17, General_Category Nd).
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

bool is_between(char32_t c, char32_t first, char32_t last) { return c >= first && c <= last; }

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

char32_t take_code_point(std::string_view& rest) {
  const auto lead = static_cast<unsigned char>(rest.front());
  const std::size_t length = lead < 0x80   ? 1
                             : lead < 0xC2 ? 0
                             : lead < 0xE0 ? 2
                             : lead < 0xF0 ? 3
                             : lead < 0xF5 ? 4
                                           : 0;
  char32_t c = length <= 1 ? lead : lead & (0xFFU >> (length + 1));
  bool is_good = length > 0 && length <= rest.size();
  for (std::size_t i = 1; is_good && i < length; ++i) {
    const auto next = static_cast<unsigned char>(rest[i]);
    is_good = (next & 0xC0U) == 0x80;
    c = c << 6 | (next & 0x3FU);
  }
  constexpr std::array<char32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
  is_good = is_good && c >= kLeast[length] && c <= 0x10FFFF && !is_between(c, 0xD800, 0xDFFF);
  rest.remove_prefix(is_good ? length : 1);
  return is_good ? c : kNoCodePoint;
}

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
