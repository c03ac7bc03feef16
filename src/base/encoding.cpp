#include "base/encoding.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/ascii.h"

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
  std::string out((bytes.size() * 8 + bits - 1) / bits, '\0');
  char* to = out.data();
  std::uint32_t buffer = 0;
  unsigned have = 0;
  for (const char c : bytes) {
    buffer = buffer << 8 | static_cast<unsigned char>(c);
    have += 8;
    while (have >= bits) {
      have -= bits;
      *to++ = alphabet[buffer >> have & ((1U << bits) - 1)];
    }
    buffer &= (1U << have) - 1;
  }
  if (have > 0) *to = alphabet[buffer << (bits - have)];
  return out;
}

std::optional<std::string> decode_bits(std::string_view text, const DecodeTable& table, unsigned bits) {
  // Reject a last group that does not come from whole bytes, such as a single base64 character.
  if (text.size() * bits % 8 >= bits) return std::nullopt;
  std::string out(text.size() * bits / 8, '\0');
  char* to = out.data();
  std::uint32_t buffer = 0;
  unsigned have = 0;
  for (const char c : text) {
    const std::int8_t value = table[static_cast<unsigned char>(c)];
    if (value == kNone) return std::nullopt;
    buffer = buffer << bits | static_cast<std::uint32_t>(value);
    have += bits;
    if (have >= 8) {
      have -= 8;
      *to++ = static_cast<char>(buffer >> have);
    }
  }
  // What is left of the last character is no part of a byte.
  if ((buffer & ((1U << have) - 1)) != 0) return std::nullopt;
  return out;
}

bool is_unreserved(char c) { return is_letter_or_digit(c) || c == '-' || c == '.' || c == '_' || c == '~'; }

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
    if (is_unreserved(c)) {
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

}  // namespace countersign
