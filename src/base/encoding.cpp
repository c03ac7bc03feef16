#include "base/encoding.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace countersign {

namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::int8_t kNone = -1;

using DecodeTable = std::array<std::int8_t, 256>;

constexpr DecodeTable make_table(std::string_view alphabet, bool either_case) {
  DecodeTable table{};
  for (auto& entry : table) entry = kNone;
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
    if (either_case && alphabet[i] >= 'A' && alphabet[i] <= 'Z') {
      table[static_cast<unsigned char>(alphabet[i] - 'A' + 'a')] = static_cast<std::int8_t>(i);
    }
  }
  return table;
}

constexpr DecodeTable kHexTable = make_table("0123456789ABCDEF", true);
constexpr DecodeTable kBase64Table = make_table(kBase64, false);
constexpr DecodeTable kBase64UrlTable = make_table(kBase64Url, false);
constexpr DecodeTable kBase32Table = make_table(kBase32, true);

std::string encode_bits(std::string_view bytes, std::string_view alphabet, unsigned bits) {
  std::string out;
  out.reserve((bytes.size() * 8 + bits - 1) / bits);
  std::uint32_t buffer = 0;
  unsigned have = 0;
  for (const char c : bytes) {
    buffer = buffer << 8 | static_cast<unsigned char>(c);
    have += 8;
    while (have >= bits) {
      have -= bits;
      out.push_back(alphabet[buffer >> have & ((1U << bits) - 1)]);
    }
    buffer &= (1U << have) - 1;
  }
  if (have > 0) out.push_back(alphabet[buffer << (bits - have)]);
  return out;
}

std::optional<std::string> decode_bits(std::string_view text, const DecodeTable& table, unsigned bits) {
  // A last group that cannot come from whole bytes (one base64 character left over, say) is no encoding of anything.
  if (text.size() * bits % 8 >= bits) return std::nullopt;
  std::string out;
  out.reserve(text.size() * bits / 8);
  std::uint32_t buffer = 0;
  unsigned have = 0;
  for (const char c : text) {
    const std::int8_t value = table[static_cast<unsigned char>(c)];
    if (value == kNone) return std::nullopt;
    buffer = buffer << bits | static_cast<std::uint32_t>(value);
    have += bits;
    if (have >= 8) {
      have -= 8;
      out.push_back(static_cast<char>(buffer >> have & 0xFF));
      buffer &= (1U << have) - 1;
    }
  }
  if (buffer != 0) return std::nullopt;
  return out;
}

bool is_unreserved(unsigned char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

/// The length of the well-formed sequence at the start of `text`, or 0. [Unicode table 3-7]
std::size_t sequence_length(std::string_view text) {
  const auto at = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto continues = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return at(i) >= low && at(i) <= high;
  };
  const unsigned lead = at(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return continues(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const unsigned low = lead == 0xE0 ? 0xA0 : 0x80;
    const unsigned high = lead == 0xED ? 0x9F : 0xBF;
    return continues(1, low, high) && continues(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const unsigned low = lead == 0xF0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xF4 ? 0x8F : 0xBF;
    return continues(1, low, high) && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

void append_hex(std::string& out, std::string_view bytes) {
  const std::size_t before = out.size();
  out.resize(before + 2 * bytes.size());
  char* to = out.data() + before;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    *to++ = kHex[byte >> 4];
    *to++ = kHex[byte & 0xF];
  }
}

std::string to_hex(std::string_view bytes) {
  std::string out;
  append_hex(out, bytes);
  return out;
}

std::optional<std::string> from_hex(std::string_view text) {
  std::string out(text.size() / 2, '\0');
  if (!from_hex_into(text, {reinterpret_cast<std::uint8_t*>(out.data()), out.size()})) return std::nullopt;
  return out;
}

bool from_hex_into(std::string_view text, std::span<std::uint8_t> bytes) {
  if (text.size() != 2 * bytes.size()) return false;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int high = kHexTable[static_cast<unsigned char>(text[2 * i])];
    const int low = kHexTable[static_cast<unsigned char>(text[2 * i + 1])];
    if (high == kNone || low == kNone) return false;
    bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return true;
}

std::string to_base64(std::string_view bytes) {
  std::string out = encode_bits(bytes, kBase64, 6);
  out.append((4 - out.size() % 4) % 4, '=');
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  return decode_bits(text, kBase64Table, 6);
}

std::string to_base64url(std::string_view bytes) { return encode_bits(bytes, kBase64Url, 6); }
std::optional<std::string> from_base64url(std::string_view text) { return decode_bits(text, kBase64UrlTable, 6); }

std::string to_base32(std::string_view bytes) { return encode_bits(bytes, kBase32, 5); }

std::optional<std::string> from_base32(std::string_view text) {
  if (text.ends_with('=')) {
    if (text.size() % 8 != 0) return std::nullopt;
    const std::size_t end = text.find_last_not_of('=');
    if (end == std::string_view::npos || text.size() - end - 1 > 6) return std::nullopt;
    text = text.substr(0, end + 1);
  }
  return decode_bits(text, kBase32Table, 5);
}

std::string percent_encode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_unreserved(byte)) {
      out.push_back(c);
    } else {
      out.push_back('%');
      out.push_back("0123456789ABCDEF"[byte >> 4]);
      out.push_back("0123456789ABCDEF"[byte & 15]);
    }
  }
  return out;
}

std::optional<std::string> percent_decode(std::string_view text, Plus plus) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const auto byte = from_hex(text.substr(i + 1, 2));
      if (!byte) return std::nullopt;
      out += *byte;
      i += 2;
    } else {
      out.push_back(text[i] == '+' && plus == Plus::kIsSpace ? ' ' : text[i]);
    }
  }
  return out;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::size_t utf8_length(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace countersign
