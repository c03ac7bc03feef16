#include "contact/message_text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace countersign::contact {

namespace {

constexpr char32_t kBroken = 0xFFFFFFFF;

/// Takes the next code point off well-formed or broken UTF-8; a byte that starts nothing valid is kBroken by itself.
char32_t take_code_point(std::string_view& rest) {
  if (const auto first = static_cast<unsigned char>(rest[0]); first < 0x80) {
    rest.remove_prefix(1);
    return first;
  }
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(rest[i]); };
  const unsigned char lead = byte(0);
  const std::size_t length = lead >= 0xC2 && lead < 0xE0   ? 2
                             : lead >= 0xE0 && lead < 0xF0 ? 3
                             : lead >= 0xF0 && lead < 0xF5 ? 4
                                                           : 0;
  constexpr std::array<char32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
  char32_t code_point = lead & (0xFFU >> (length + 1));
  bool is_good = length > 0 && length <= rest.size();
  for (std::size_t i = 1; is_good && i < length; ++i) {
    is_good = (byte(i) & 0xC0U) == 0x80;
    code_point = code_point << 6 | (byte(i) & 0x3FU);
  }
  is_good = is_good && code_point >= kLeast[length] && code_point <= 0x10FFFF &&
            !(code_point >= 0xD800 && code_point <= 0xDFFF);
  rest.remove_prefix(is_good ? length : 1);
  return is_good ? code_point : kBroken;
}

void append_utf8(std::string& out, char32_t c) {
  const auto tail = [&](unsigned shift) { out += static_cast<char>(0x80 | (c >> shift & 0x3F)); };
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | c >> 6);
    tail(0);
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | c >> 12);
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0 | c >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

/// 3GPP TS 23.038, section 6.2.1: the letters outside ASCII of the default alphabet.
constexpr std::u32string_view kDefaultAlphabet = U"£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà";
/// ASCII that it lacks or keeps in the extension table (section 6.2.1.1).
constexpr std::u32string_view kExtension = U"^{}\\[~]|€\f";

constexpr std::size_t septets_by_alphabet(char32_t c) {
  if (kExtension.contains(c)) return 2;
  if (c == '\n' || c == '\r' || (c >= 0x20 && c < 0x7F && c != '`')) return 1;
  return kDefaultAlphabet.contains(c) ? 1 : 0;
}

constexpr auto kAsciiSeptets = [] {
  std::array<std::uint8_t, 128> table{};
  for (char32_t c = 0; c < 128; ++c) table[c] = static_cast<std::uint8_t>(septets_by_alphabet(c));
  return table;
}();

std::size_t septets_of(char32_t c) { return c < kAsciiSeptets.size() ? kAsciiSeptets[c] : septets_by_alphabet(c); }

struct Replacement {
  char32_t from;
  std::string_view to;
};

constexpr Replacement kReplacements[] = {
    {'`', "'"},         {'\t', " "},         {U'\u00A0', " "},  {U'\u00A2', "c"},  {U'\u00A6', "|"},
    {U'\u00A8', "\""},  {U'\u00A9', "(c)"},  {U'\u00AA', "a"},  {U'\u00AB', "\""}, {U'\u00AC', "-"},
    {U'\u00AE', "(r)"}, {U'\u00AF', "-"},    {U'\u00B0', "o"},  {U'\u00B1', "+-"}, {U'\u00B2', "2"},
    {U'\u00B3', "3"},   {U'\u00B4', "'"},    {U'\u00B5', "u"},  {U'\u00B6', ""},   {U'\u00B7', "."},
    {U'\u00B8', ","},   {U'\u00B9', "1"},    {U'\u00BA', "o"},  {U'\u00BB', "\""}, {U'\u00BC', "1/4"},
    {U'\u00BD', "1/2"}, {U'\u00BE', "3/4"},  {U'\u00D7', "x"},  {U'\u00F7', "/"},  {U'\u0192', "f"},
    {U'\u1E9E', "SS"},  {U'\u2018', "'"},    {U'\u2019', "'"},  {U'\u201A', "'"},  {U'\u201B', "'"},
    {U'\u201C', "\""},  {U'\u201D', "\""},   {U'\u201E', "\""}, {U'\u201F', "\""}, {U'\u2022', "-"},
    {U'\u2026', "..."}, {U'\u2030', "o/oo"}, {U'\u2032', "'"},  {U'\u2033', "\""}, {U'\u2039', "<"},
    {U'\u203A', ">"},   {U'\u2044', "/"},    {U'\u20A8', "Rs"}, {U'\u20B9', "Rs"}, {U'\u2116', "No"},
    {U'\u2122', "TM"},  {U'\u2192', "->"},   {U'\u2212', "-"},  {U'\u3000', " "},
};

/// Letters of Latin-1 (from U+00C0) and Latin Extended-A (from U+0100) without their marks. A blank takes two letters
/// or has a place of its own in GSM-7; kTwoLetters has the former.
constexpr std::string_view kLatin1 = "AAAAAA CEEEEIIIIDNOOOOO OUUUUY  aaaaaa ceeeeiiiidnooooo ouuuuy y";
constexpr std::string_view kExtendedA =
    "AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIi  JjKkkLlLlLlLlLlNnNnNnnNnOoOoOo  "
    "RrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUu"
    "WwYyYZzZzZzs";
constexpr Replacement kTwoLetters[] = {
    {U'\u00DE', "Th"}, {U'\u00FE', "th"}, {U'\u0132', "IJ"}, {U'\u0133', "ij"}, {U'\u0152', "OE"}, {U'\u0153', "oe"},
};
static_assert(kLatin1.size() == 0x40);
static_assert(kExtendedA.size() == 0x80);

bool is_between(char32_t c, char32_t first, char32_t last) { return c >= first && c <= last; }

bool is_space(char32_t c) {
  return c == ' ' || is_between(c, '\t', '\r') || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         is_between(c, 0x2000, 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

/// Control characters, and what changes the order or look of text without showing itself.
bool is_invisible(char32_t c) {
  return c < 0x20 || is_between(c, 0x7F, 0x9F) || c == 0xAD || c == 0x034F || c == 0x061C ||
         is_between(c, 0x115F, 0x1160) || is_between(c, 0x17B4, 0x17B5) || is_between(c, 0x180B, 0x180F) ||
         is_between(c, 0x200B, 0x200F) || is_between(c, 0x202A, 0x202E) || is_between(c, 0x2060, 0x206F) ||
         c == 0x3164 || is_between(c, 0xFE00, 0xFE0F) || c == 0xFEFF || c == 0xFFA0 || is_between(c, 0xFFF0, 0xFFFB) ||
         is_between(c, 0x1D173, 0x1D17A) || is_between(c, 0xE0000, 0xE0FFF) || (c & 0xFFFE) == 0xFFFE;
}

bool is_combining(char32_t c) {
  return is_between(c, 0x0300, 0x036F) || is_between(c, 0x1AB0, 0x1AFF) || is_between(c, 0x1DC0, 0x1DFF) ||
         is_between(c, 0x20D0, 0x20FF) || is_between(c, 0xFE20, 0xFE2F);
}

std::optional<std::string_view> find_replacement(std::span<const Replacement> table, char32_t c) {
  const auto found = std::ranges::find(table, c, &Replacement::from);
  return found == table.end() ? std::nullopt : std::optional(found->to);
}

std::string_view nearest_gsm7(char32_t c) {
  if (const auto found = find_replacement(kReplacements, c)) return *found;
  if (const auto found = find_replacement(kTwoLetters, c)) return *found;
  if (is_between(c, 0xC0, 0xFF)) return kLatin1.substr(c - 0xC0, 1);
  if (is_between(c, 0x100, 0x17F)) return kExtendedA.substr(c - 0x100, 1);
  if (is_between(c, 0x2010, 0x2015)) return "-";
  if (is_space(c)) return " ";
  return is_invisible(c) || is_combining(c) ? "" : "?";
}

/// Full stops that address bars and phones take for the dot of a host name.
bool is_dot(char32_t c) { return c == '.' || c == 0x3002 || c == 0xFF0E || c == 0xFF61; }
bool is_digit(char32_t c) { return is_between(c, '0', '9'); }
bool is_letter(char32_t c) {
  return is_between(c | 0x20, 'a', 'z') || (c >= 0xC0 && !is_between(c, 0x2000, 0x206F) && !is_dot(c) && c != kBroken);
}

std::u32string decode_visible(std::string_view text) {
  std::u32string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const char32_t c = take_code_point(text);
    if (is_space(c)) {
      if (!out.empty() && out.back() != ' ') out += ' ';
    } else if (c == kBroken) {
      out += '?';
    } else if (!is_invisible(c)) {
      out += c;
    }
  }
  if (out.ends_with(U' ')) out.pop_back();
  return out;
}

/// Works on what is already written, so that nothing taken out can bring two parts of a link together.
std::u32string without_links(const std::u32string& text) {
  std::u32string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char32_t c = is_dot(text[i]) ? U'.' : text[i];
    if (c == U':' && std::u32string_view(text).substr(i).starts_with(U"://")) {
      out += ' ';
      i += 2;
      continue;
    }
    if (is_letter(c) || is_digit(c)) {
      while (out.ends_with(U'#')) out.pop_back();
      if (is_letter(c) && out.ends_with(U'.')) out += ' ';
    }
    out += c;
  }
  return out;
}

/// Segments of a long message: `room` units each, and no character (of `sizes`) split.
template <class Sizes>
std::size_t count_segments(const Sizes& sizes, std::size_t room) {
  std::size_t segments = 1;
  std::size_t used = 0;
  for (const std::size_t size : sizes) {
    if (used + size > room) {
      ++segments;
      used = 0;
    }
    used += size;
  }
  return segments;
}

}  // namespace

bool is_gsm7(std::string_view text) {
  while (!text.empty()) {
    if (septets_of(take_code_point(text)) == 0) return false;
  }
  return true;
}

MessageSize measure_message(std::string_view text) {
  // With a header that numbers the segments, 153 septets or 67 code units of each are left.
  struct Room {
    std::size_t alone, joined;
  };
  const bool gsm7 = is_gsm7(text);
  const Room room = gsm7 ? Room{160, 153} : Room{70, 67};
  std::vector<std::uint8_t> sizes;
  sizes.reserve(text.size());
  std::size_t units = 0;
  while (!text.empty()) {
    const char32_t c = take_code_point(text);
    sizes.push_back(static_cast<std::uint8_t>(gsm7 ? septets_of(c) : is_between(c, 0x10000, 0x10FFFF) ? 2 : 1));
    units += sizes.back();
  }
  return {gsm7 ? MessageAlphabet::kGsm7 : MessageAlphabet::kUcs2, units,
          units <= room.alone ? 1 : count_segments(sizes, room.joined)};
}

std::string to_gsm7(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto before = text;
    const char32_t c = take_code_point(text);
    if (septets_of(c) > 0) {
      out += before.substr(0, before.size() - text.size());
    } else {
      out += c == kBroken ? "?" : nearest_gsm7(c);
    }
  }
  return out;
}

std::string sanitise_for_message(std::string_view text, std::size_t max_length) {
  std::u32string clean = without_links(decode_visible(text));
  if (clean.size() > max_length) {
    clean.resize(max_length);
    if (max_length > 0) clean.back() = U'\u2026';
  }
  std::string out;
  out.reserve(clean.size());
  for (const char32_t c : clean) append_utf8(out, c);
  return out;
}

}  // namespace countersign::contact
