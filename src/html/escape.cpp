#include "html/escape.h"

#include <algorithm>

#include "base/encoding.h"

namespace countersign::html {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// The bytes of the character that starts at `at`, 0 for a broken one.
std::size_t character_size(std::string_view text, std::size_t at) {
  const auto first = static_cast<unsigned char>(text[at]);
  const std::size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  return at + size <= text.size() && is_utf8(text.substr(at, size)) ? size : 0;
}

bool is_control(unsigned char c) { return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F; }

}  // namespace

void append_escaped(std::string& out, std::string_view text) {
  out.reserve(out.size() + text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (c >= 0x80) {
      const std::size_t size = character_size(text, at);
      out += size == 0 ? kReplacement : text.substr(at, size);
      at += std::max<std::size_t>(size, 1);
      continue;
    }
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        if (is_control(c))
          out += kReplacement;
        else
          out += static_cast<char>(c);
    }
    ++at;
  }
}

std::string escaped(std::string_view text) {
  std::string out;
  append_escaped(out, text);
  return out;
}

bool is_safe_link(std::string_view url) {
  // Browsers drop tabs and line ends inside of a URL before they look at its scheme.
  if (std::ranges::any_of(url, [](unsigned char c) { return c <= 0x20 || c == 0x7F || c == '\\'; })) return false;
  if (url.starts_with("//")) return false;
  if (url.empty() || url.front() == '/' || url.front() == '?' || url.front() == '#') return true;
  for (const std::string_view scheme : {"https://", "http://", "mailto:", "tel:", "otpauth://"}) {
    if (url.starts_with(scheme)) return true;
  }
  return false;
}

}  // namespace countersign::html
