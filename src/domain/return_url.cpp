#include "domain/return_url.h"

#include <algorithm>
#include <optional>

#include "base/ascii.h"
#include "domain/display.h"

namespace countersign::domain {

namespace {

constexpr std::size_t kUrlCharactersMax = 2048;

struct Parts {
  std::string origin;     ///< Scheme and host in lower case, with the port always written.
  std::string_view path;  ///< `/` if empty, without query and fragment.
};

/// `..`, also as `%2e%2E`, which browsers treat the same.
bool is_dot_segment(std::string_view segment) {
  std::size_t dots = 0;
  while (!segment.empty()) {
    if (segment.starts_with('.')) {
      segment.remove_prefix(1);
    } else if (segment.size() >= 3 && equals_ignoring_case(segment.substr(0, 3), "%2e")) {
      segment.remove_prefix(3);
    } else {
      return false;
    }
    ++dots;
  }
  return dots == 1 || dots == 2;
}

bool has_dot_segments(std::string_view path) {
  while (!path.empty()) {
    const auto slash = path.find('/');
    if (is_dot_segment(path.substr(0, slash))) return true;
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  }
  return false;
}

std::optional<Parts> parts_of(std::string_view url) {
  const bool secure = url.starts_with("https://");
  std::string_view rest = url.substr(secure ? 8 : 7);
  const auto end = rest.find_first_of("/?#");
  const std::string_view authority = rest.substr(0, end);
  if (authority.find('@') != std::string_view::npos) return std::nullopt;
  Parts parts;
  parts.origin = lower_case(authority);
  const auto bracket = authority.rfind(']');
  const auto colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon == std::string_view::npos) parts.origin += secure ? ":443" : ":80";
  parts.origin.insert(0, secure ? "https://" : "http://");
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end);
  parts.path = rest.substr(0, rest.find_first_of("?#"));
  if (parts.path.empty()) parts.path = "/";
  if (has_dot_segments(parts.path)) return std::nullopt;
  return parts;
}

bool is_below(std::string_view path, std::string_view allowed) {
  if (!path.starts_with(allowed)) return false;
  return path.size() == allowed.size() || allowed.ends_with('/') || path[allowed.size()] == '/';
}

}  // namespace

bool is_web_url(std::string_view url) {
  if (!is_showable(url, kUrlCharactersMax)) return false;
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (!url.starts_with(scheme)) continue;
    const std::string_view rest = url.substr(scheme.size());
    return !rest.empty() && rest.find_first_of("/?#:@") != 0 &&
           rest.find_first_of(" \"<>\\^`{|}") == std::string_view::npos;
  }
  return false;
}

bool may_return_to(std::span<const std::string> allowed, std::string_view url) {
  if (allowed.empty()) return true;
  const auto wanted = parts_of(url);
  return wanted && std::ranges::any_of(allowed, [&](std::string_view prefix) {
           const auto parts = parts_of(prefix);
           return parts && parts->origin == wanted->origin && is_below(wanted->path, parts->path);
         });
}

bool is_return_prefix(std::string_view url) {
  return is_web_url(url) && url.find_first_of("?#") == std::string_view::npos && parts_of(url).has_value();
}

}  // namespace countersign::domain
