#include "contact/message_text.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/text.h"
#include "contact/gsm7_likeness.h"
#include "contact/unicode/utf8.h"

namespace countersign::contact {

namespace {

/// 3GPP TS 23.038, section 6.2.1: the non-ASCII letters of the default alphabet.
constexpr std::u32string_view kDefaultAlphabet = U"£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà";
/// ASCII that is missing or in the extension table (section 6.2.1.1).
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

/// Septets of a text of ASCII from the default alphabet and its extension; nullopt for any other.
std::optional<std::size_t> ascii_septets(std::string_view text) {
  std::size_t septets = 0;
  std::size_t foreign = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const std::size_t size = byte < kAsciiSeptets.size() ? kAsciiSeptets[byte] : 0;
    septets += size;
    foreign += size == 0 ? 1 : 0;
  }
  return foreign == 0 ? std::optional(septets) : std::nullopt;
}

/// Signs of ASCII with single spaces between them: visible_text changes nothing. False says nothing.
bool is_visible_ascii(std::string_view text) {
  bool behind_space = true;  // Also before the first.
  for (const char c : text) {
    if (c == ' ' ? behind_space : c < '!' || c > '~') return false;
    behind_space = c == ' ';
  }
  return !behind_space;
}

constexpr auto kPlainCharacters = [] {
  std::array<bool, 256> table{};
  for (char32_t c = 0x21; c < 0x7F; ++c)
    table[c] = septets_by_alphabet(c) > 0 && !std::string_view(".:#").contains(static_cast<char>(c));
  return table;
}();

/// Full stops that address bars and phones treat as the dot of a host name.
bool is_dot(char32_t c) { return c == '.' || c == 0x3002 || c == 0xFF0E || c == 0xFF61; }
bool is_digit(char32_t c) { return c >= '0' && c <= '9'; }
bool is_ascii_letter(char32_t c) { return is_between(c | 0x20, 'a', 'z'); }
bool is_letter(char32_t c) {
  return is_ascii_letter(c) || c == 0xAA || c == 0xB5 || c == 0xBA ||
         (c >= 0xC0 && !is_between(c, 0x2000, 0x206F) && !is_dot(c) && c != kNotUtf8);
}
/// Characters that continue a host name label or a number.
bool is_of_word(char32_t c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_'; }

/// Zero width non-joiner and joiner, which Arabic and later scripts use. After anything else they only hide.
bool is_joiner(char32_t c) { return c == 0x200C || c == 0x200D; }

/// Maps wide and small forms of ASCII, which read as the same link or code.
char32_t as_ascii(char32_t c) {
  if (is_between(c, 0xFF01, 0xFF5E)) return c - 0xFEE0;
  switch (c) {
    case 0x2024:
    case 0xFE52:
      return '.';
    case 0xFE12:
      return 0x3002;
    case 0xFE13:
    case 0xFE55:
      return ':';
    case 0xFE5F:
      return '#';
    case 0xFE6B:
      return '@';
    default:
      return c;
  }
}

/// Calls `put` with each character of visible_text.
template <class Put>
void for_each_visible(std::string_view text, Put put) {
  char32_t last = 0;  // None yet; a space that may come to be the last is put with what follows.
  while (!text.empty()) {
    const char32_t c = as_ascii(take_code_point(text));
    if (is_space(c)) {
      if (last != 0) last = ' ';
      continue;
    }
    const bool is_sign_of_ascii = is_between(c, 0x21, 0x7E);
    if (!is_sign_of_ascii && c != kNotUtf8 && is_invisible(c) && !(is_joiner(c) && last >= 0x0620 && is_letter(last)))
      continue;
    if (last == ' ') put(U' ');
    last = c == kNotUtf8 ? U'?' : c;
    put(last);
  }
}

std::u32string decode_visible(std::string_view text) {
  std::u32string out;
  out.reserve(text.size());
  for_each_visible(text, [&](char32_t c) { out += c; });
  return out;
}

std::u32string decode(std::string_view text) {
  std::u32string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const char32_t c = take_code_point(text);
    out += c == kNotUtf8 ? U'?' : c;
  }
  return out;
}

std::string encode(std::u32string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char32_t c : text) append_utf8(out, c);
  return out;
}

/// Three-letter top-level domains open to everybody (IANA's root zone; brands have their own).
constexpr std::string_view kOpenTopLevels =
    " ACT APP ART BAR BET BID BIO BIZ BOO BOT BUY BZH CAB CAM CAR CAT CEO COM DAD DAY DEV DIY DOG ECO EDU ESQ EUS FAN "
    "FIT FLY FOO FRL FUN FYI GAL GAY GOV HIV HOT HOW ICU INC ING INK INT IST KIM LAT LAW LLC LOL LTD MAP MBA MED MEN "
    "MIL MOE MOV NET NEW NGO NOW NRW NYC ONE ONG ONL OOO ORG OVH PAY PET PHD PIN PRO PUB RED REN RIO RIP RUN SEW SEX "
    "SKI SKY SOY SPA SRL TAX TEL TOP TUI UNO VET VIN VIP WED WIN WOW WTF XIN XXX XYZ YOU ZIP ";

/// An alphanumeric CNPJ, `12.ABC.345/01DE-35` (Receita Federal, IN RFB 2.229/2024), which phones do not turn into a
/// link.
bool is_cnpj(std::u32string_view text, std::size_t at) {
  constexpr std::string_view kShape = "XX.XXX.XXX/XXXX-00";
  if (text.size() < at + kShape.size() || (at > 0 && (is_of_word(text[at - 1]) || text[at - 1] == '.'))) return false;
  std::string found;
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    const char32_t c = text[at + i];
    const bool fits = kShape[i] == 'X'   ? is_digit(c) || is_between(c, 'A', 'Z')
                      : kShape[i] == '0' ? is_digit(c)
                                         : c == static_cast<char32_t>(kShape[i]);
    if (!fits) return false;
    found += static_cast<char>(c);
  }
  const std::size_t end = at + kShape.size();
  const bool goes_on = end < text.size() && (is_of_word(text[end]) || text[end] == '/' || text[end] == '@');
  const auto is_open = [&](std::size_t from) {
    return kOpenTopLevels.contains(std::string(" ").append(found, from, 3).append(" "));
  };
  return !goes_on && !is_open(3) && !is_open(7);
}

/// Whether the dot at `dot`, which a letter follows, cannot be part of a link: in a CNPJ, or before an initial, since
/// no top-level domain has one letter (`S.A.`).
bool is_harmless(std::u32string_view text, std::size_t dot) {
  const std::size_t next = dot + 1;
  if (is_ascii_letter(text[next]) && (next + 1 == text.size() || !is_of_word(text[next + 1]))) return true;
  return (dot >= 2 && is_cnpj(text, dot - 2)) || (dot >= 6 && is_cnpj(text, dot - 6));
}

/// The end of the digits and dots from `at` on if they begin with what a phone treats as an IPv4 address; otherwise
/// `at`.
std::size_t end_of_ip(std::u32string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && (is_digit(text[end]) || is_dot(text[end]))) ++end;
  std::size_t groups = 0;
  for (std::size_t i = at; i < end;) {
    std::size_t length = 0;
    int value = 0;
    for (; i + length < end && is_digit(text[i + length]); ++length)
      value = std::min(1000, value * 10 + static_cast<int>(text[i + length] - '0'));
    if (length > 0 && groups == 3) return end;  // A prefix of the last group is enough.
    groups = length > 0 && length <= 3 && value <= 255 ? groups + 1 : 0;
    i += length + 1;
  }
  return at;
}

/// Breaks `://` apart and removes `#` before letters and digits.
std::u32string without_codes(std::u32string_view text) {
  std::u32string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i).starts_with(U"://")) {
      out += ' ';
      i += 2;
      continue;
    }
    if (is_letter(text[i]) || is_digit(text[i])) {
      while (out.ends_with(U'#')) out.pop_back();
    }
    out += text[i];
  }
  return out;
}

std::u32string take_links_apart(std::u32string_view given) {
  const std::u32string text = without_codes(given);
  std::u32string out;
  out.reserve(text.size());
  std::size_t ip_until = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_digit(text[i]) && i >= ip_until && (i == 0 || !is_digit(text[i - 1])))
      ip_until = std::max(ip_until, end_of_ip(text, i));
    const bool behind_dot = i > 0 && is_dot(text[i - 1]);
    const bool of_ip = i < ip_until && is_digit(text[i]);
    if (behind_dot && (of_ip || (is_letter(text[i]) && !is_harmless(text, i - 1)))) {
      out.back() = '.';
      out += ' ';
    }
    out += text[i];
  }
  return out;
}

/// In the alphabet of the whole message.
std::size_t units_of(char32_t c, bool gsm7) {
  if (gsm7) return septets_of(c);
  return is_between(c, 0x10000, 0x10FFFF) ? 2 : 1;
}

/// Whether there is nothing in it that take_links_apart could change: no full stop of any kind, no `:`, no `#`. False
/// says nothing.
bool has_no_links(std::string_view text) {
  // U+3002, U+FF0E and U+FF61 begin with these two bytes.
  const auto is_suspect = [](char c) { return c == '.' || c == ':' || c == '#' || c == '\xE3' || c == '\xEF'; };
  return std::ranges::none_of(text, is_suspect) && is_utf8(text);
}

/// Segments of a long message: `room` units each; no character is split.
std::size_t count_segments(std::string_view text, bool gsm7, std::size_t room) {
  std::size_t segments = 1;
  std::size_t used = 0;
  while (!text.empty()) {
    const std::size_t size = units_of(take_code_point(text), gsm7);
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
  // With a header that numbers the segments, 153 septets or 67 code units of each remain.
  struct Room {
    std::size_t alone, joined;
  };
  const auto of_ascii = ascii_septets(text);
  bool gsm7 = true;
  std::size_t septets = of_ascii.value_or(0);
  std::size_t code_units = 0;
  for (std::string_view rest = of_ascii ? std::string_view() : text; !rest.empty();) {
    const char32_t c = take_code_point(rest);
    const std::size_t size = septets_of(c);
    gsm7 = gsm7 && size > 0;
    septets += size;
    code_units += units_of(c, false);
  }
  const Room room = gsm7 ? Room{160, 153} : Room{70, 67};
  const std::size_t units = gsm7 ? septets : code_units;
  return {gsm7 ? MessageAlphabet::kGsm7 : MessageAlphabet::kUcs2, units,
          units <= room.alone ? 1 : count_segments(text, gsm7, room.joined)};
}

std::optional<std::string> to_gsm7(std::string_view text) {
  if (ascii_septets(text)) return std::string(text);
  std::string out;
  out.reserve(text.size());
  bool left_pictures = false;
  bool owes_space = false;
  bool joins_digits = false;  // A character between the digits is dropped, or becomes a sign used inside numbers.
  const auto ends_in_digit = [&] { return !out.empty() && is_digit(static_cast<unsigned char>(out.back())); };
  while (!text.empty()) {
    const auto before = text;
    const char32_t c = take_code_point(text);
    if (c < kAsciiSeptets.size() && kAsciiSeptets[c] > 0 && !left_pictures && !owes_space && !joins_digits) {
      out += static_cast<char>(c);  // As below; nearly all there is.
      continue;
    }
    if (is_picture(c)) {
      left_pictures = true;
      joins_digits = joins_digits || (ends_in_digit() && !owes_space);
      owes_space = owes_space || out.ends_with(' ');
      if (out.ends_with(' ')) out.pop_back();
      continue;
    }
    const auto own = septets_of(c) > 0 ? std::optional(before.substr(0, before.size() - text.size())) : std::nullopt;
    const auto written = own ? own : c == kNotUtf8 ? std::optional(std::string_view("?")) : gsm7_likeness(c);
    if (!written || (ends_in_digit() && is_combining(c))) return std::nullopt;
    if (written->empty() || (left_pictures && out.empty() && c == ' ')) {
      joins_digits = joins_digits || ends_in_digit();
      continue;
    }
    if (joins_digits && is_digit(static_cast<unsigned char>(written->front()))) return std::nullopt;
    joins_digits = (c == 0xB7 || c == 0xB8) && ends_in_digit();
    if (owes_space && (is_letter(c) || is_digit(c))) out += ' ';
    owes_space = false;
    out += *written;
  }
  // Keep the pictures if there is no other text; the sign of a cut is not text.
  const bool is_blank = out.find_first_not_of(" .") == std::string::npos;
  return left_pictures && is_blank ? std::nullopt : std::optional(std::move(out));
}

bool is_plain(std::string_view text) {
  bool behind_space = true;  // Also before the first.
  for (const char c : text) {
    if (c == ' ' ? behind_space : !kPlainCharacters[static_cast<unsigned char>(c)]) return false;
    behind_space = c == ' ';
  }
  return !behind_space || text.empty();
}

std::string visible_text(std::string_view text) {
  if (is_visible_ascii(text)) return std::string(text);
  std::string out;
  out.reserve(text.size());
  for_each_visible(text, [&](char32_t c) { append_utf8(out, c); });
  return out;
}

std::string without_links(std::string_view text) {
  if (has_no_links(text)) return std::string(text);
  return encode(take_links_apart(decode(text)));
}

std::string sanitise_for_message(std::string_view text, std::size_t max_length) {
  std::u32string clean = take_links_apart(decode_visible(text));
  if (clean.size() > max_length) {
    clean.resize(max_length);
    if (max_length > 0) clean.back() = U'\u2026';
  }
  return encode(clean);
}

bool has_letter_or_digit(std::string_view text) {
  // Blocks of signs, and letters and digits within them.
  const auto is_sign = [](char32_t c) {
    return is_between(c, 0x02B0, 0x02FF) || is_between(c, 0x2000, 0x2BFF) || is_between(c, 0x2E00, 0x2E7F) ||
           is_between(c, 0x3000, 0x303F) || is_between(c, 0xE000, 0xF8FF) || is_between(c, 0xFE10, 0xFE6F) ||
           is_between(c, 0xFFF0, 0xFFFF) || c == 0xD7 || c == 0xF7;
  };
  const auto is_within = [](char32_t c) {
    return is_between(c, 0xB2, 0xB3) || c == 0xB9 || is_between(c, 0xBC, 0xBE) || is_between(c, 0x2070, 0x209C) ||
           is_between(c, 0x2102, 0x2188) || is_between(c, 0x2460, 0x24FF) || is_between(c, 0x2776, 0x2793) ||
           is_between(c, 0x3005, 0x3007) || is_between(c, 0x3021, 0x3029);
  };
  while (!text.empty()) {
    const char32_t c = take_code_point(text);
    const bool is_mark = is_invisible(c) || is_combining(c) || is_space(c) || is_picture(c);
    if (is_digit(c) || is_within(c) || (is_letter(c) && !is_sign(c) && !is_mark)) return true;
  }
  return false;
}

}  // namespace countersign::contact
