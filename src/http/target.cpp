#include "http/target.h"

#include "base/encoding.h"
#include "base/text.h"
#include "http/characters.h"

namespace countersign::http {
namespace {

/// RFC 3986 plus the characters that browsers do not escape in queries (`|`, `[`, `{`, ...). Without `#`: clients do
/// not send fragments.
constexpr CharacterSet kTargetChars{[](char c) { return c > ' ' && c < 0x7F && c != '#'; }};

constexpr CharacterSet kAuthorityChars{[](char c) {
  return is_letter_or_digit(c) || std::string_view("-._~!$&'()*+,;=:[]%").find(c) != std::string_view::npos;
}};

bool has_whole_escapes(std::string_view text) {
  return text.find('%') == std::string_view::npos || percent_decode(text, Plus::kIsPlus).has_value();
}

bool is_text_path(std::string_view path) {
  if (path.find('%') == std::string_view::npos) return true;
  const auto decoded = percent_decode(path, Plus::kIsPlus);
  return decoded && is_utf8(*decoded) &&
         std::ranges::none_of(*decoded, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

std::string_view scheme_of(std::string_view text) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (equals_ignoring_case(text.substr(0, scheme.size()), scheme)) return scheme;
  }
  return {};
}

}  // namespace

std::optional<Target> parse_target(std::string_view text, Method method) {
  if (text == "*" && method == Method::kOptions) return Target{{}, text, {}};
  if (!kTargetChars.has_all(text)) return std::nullopt;

  Target target;
  if (const auto scheme = scheme_of(text); !scheme.empty()) {
    text.remove_prefix(scheme.size());
    target.authority = text.substr(0, text.find_first_of("/?"));
    text.remove_prefix(target.authority.size());
    if (target.authority.empty() || !is_authority(target.authority)) return std::nullopt;
    if (text.empty()) text = "/";
  }
  if (!text.starts_with('/')) return std::nullopt;

  target.path = text.substr(0, text.find('?'));
  if (target.path.size() < text.size()) target.query = text.substr(target.path.size() + 1);
  if (!is_text_path(target.path) || !has_whole_escapes(target.query)) return std::nullopt;
  return target;
}

bool is_authority(std::string_view text) { return !text.empty() && kAuthorityChars.has_all(text); }

}  // namespace countersign::http
