#include "html/escape.h"

#include <algorithm>

namespace countersign::html {

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
