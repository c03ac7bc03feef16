#include "contact/message_text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "contact/gsm7_likeness.h"

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

/// Full stops that address bars and phones take for the dot of a host name.
bool is_dot(char32_t c) { return c == '.' || c == 0x3002 || c == 0xFF0E || c == 0xFF61; }
bool is_digit(char32_t c) { return c >= '0' && c <= '9'; }
bool is_letter(char32_t c) {
  return is_between(c | 0x20, 'a', 'z') || (c >= 0xC0 && !is_between(c, 0x2000, 0x206F) && !is_dot(c) && c != kBroken);
}

/// Zero width non-joiner and joiner, which scripts from Arabic on write with. Behind anything else they hide.
bool is_joiner(char32_t c) { return c == 0x200C || c == 0x200D; }

std::u32string decode_visible(std::string_view text) {
  std::u32string out;
  out.reserve(text.size());
  while (!text.empty()) {
    char32_t c = take_code_point(text);
    if (is_between(c, 0xFF01, 0xFF5E)) c -= 0xFEE0;  // Wide forms of ASCII: they read as the same link or code.
    if (is_space(c)) {
      if (!out.empty() && out.back() != ' ') out += ' ';
    } else if (c == kBroken) {
      out += '?';
    } else if (!is_invisible(c) || (is_joiner(c) && !out.empty() && out.back() >= 0x0620)) {
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

std::optional<std::string> to_gsm7(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool left_pictures = false;
  bool owes_space = false;
  while (!text.empty()) {
    const auto before = text;
    const char32_t c = take_code_point(text);
    if (is_picture(c)) {
      left_pictures = true;
      owes_space = owes_space || out.ends_with(' ');
      if (out.ends_with(' ')) out.pop_back();
      continue;
    }
    const auto own = septets_of(c) > 0 ? std::optional(before.substr(0, before.size() - text.size())) : std::nullopt;
    const auto written = own ? own : c == kBroken ? std::optional(std::string_view("?")) : gsm7_likeness(c);
    if (!written) return std::nullopt;
    if (written->empty() || (left_pictures && out.empty() && c == ' ')) continue;
    if (owes_space && (is_letter(c) || is_digit(c))) out += ' ';
    owes_space = false;
    out += *written;
  }
  // A text of nothing else keeps its pictures; that it was cut off is no text.
  const bool is_blank = out.find_first_not_of(" .") == std::string::npos;
  return left_pictures && is_blank ? std::nullopt : std::optional(std::move(out));
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
