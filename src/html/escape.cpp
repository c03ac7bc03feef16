#include "html/escape.h"

#include <algorithm>

#include "base/text.h"

namespace countersign::html {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

bool is_control(unsigned char c) { return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F; }

}  // namespace

void append_escaped(std::string& out, std::string_view text) {
  out.reserve(out.size() + text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (c >= 0x80) {
      const std::size_t size = code_point_size(text.substr(at));
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
  // Browsers remove tabs and line ends inside a URL before they read its scheme.
  if (std::ranges::any_of(url, [](unsigned char c) { return c <= 0x20 || c == 0x7F || c == '\\'; })) return false;
  if (url.starts_with("//")) return false;
  if (url.empty() || url.front() == '/' || url.front() == '?' || url.front() == '#') return true;
  for (const std::string_view scheme : {"https://", "http://", "mailto:", "tel:", "otpauth://"}) {
    if (url.starts_with(scheme)) return true;
  }
  return false;
}

}  // namespace countersign::html
