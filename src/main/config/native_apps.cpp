#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/ascii.h"
#include "base/encoding.h"
#include "main/config/parts.h"
#include "main/config/public_suffix_list.h"
#include "webauthn/rp_id.h"

// What else than the service's own pages may use its passkeys: pages elsewhere, and apps on phones.
namespace countersign::main {

namespace {

/// WebAuthn L3, 5.11.1: browsers look at that many names, at the least and in practice.
constexpr std::size_t kRelatedNamesMax = 5;
constexpr std::size_t kNameMax = 255;
constexpr std::size_t kTeamLength = 10;

/// Letters and digits, of which the first is a letter, in parts between dots; `more`: what else may stand in them.
bool is_dotted(std::string_view text, std::string_view more, std::size_t parts_min) {
  std::size_t parts = 0;
  while (true) {
    const auto dot = std::min(text.find('.'), text.size());
    const auto part = text.substr(0, dot);
    const auto fits = [&](char c) { return is_letter_or_digit(c) || more.find(c) != std::string_view::npos; };
    if (part.empty() || !std::ranges::all_of(part, fits)) return false;
    ++parts;
    if (dot == text.size()) return parts >= parts_min;
    text.remove_prefix(dot + 1);
  }
}

/// "14:6D:…": the SHA-256 of the certificate that signs the app, as Android's tools print it.
std::optional<std::string> parse_fingerprint(std::string_view text) {
  constexpr std::size_t kBytes = 32;
  if (text.size() != kBytes * 3 - 1) return std::nullopt;
  std::string hex;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i % 3 == 2 && text[i] != ':') return std::nullopt;
    if (i % 3 != 2) hex += text[i];
  }
  return from_hex(lower_case(hex));
}

std::optional<AndroidApp> parse_android_app(std::string_view text) {
  const auto blank = text.find(' ');
  if (blank == std::string_view::npos || blank > kNameMax) return std::nullopt;
  const auto package = text.substr(0, blank);
  auto fingerprint = parse_fingerprint(text.substr(blank + 1));
  if (!fingerprint || !is_dotted(package, "_", 2)) return std::nullopt;
  return AndroidApp{std::string(package), *std::move(fingerprint)};
}

std::optional<std::string> parse_apple_app(std::string_view text) {
  const auto team = text.substr(0, text.find('.'));
  const bool is_team = team.size() == kTeamLength &&
                       std::ranges::all_of(team, [](char c) { return (c >= 'A' && c <= 'Z') || is_digit(c); });
  if (!is_team || text.size() > kNameMax || !is_dotted(text, "-", 3)) return std::nullopt;
  return std::string(text);
}

/// The name that browsers count: "example" of https://shop.example.co.uk.
std::string counted_name(std::string_view origin) {
  const std::string host = host_of_origin(origin);
  const std::string_view suffix = public_suffixes().suffix_of(host);
  if (suffix.size() + 1 >= host.size()) return host;
  const std::string_view before = std::string_view(host).substr(0, host.size() - suffix.size() - 1);
  const auto dot = before.rfind('.');
  return std::string(dot == std::string_view::npos ? before : before.substr(dot + 1));
}

void check_related(Section& section, const WebauthnConfig& config) {
  std::set<std::string> names;
  for (const auto& origin : config.related_origins) {
    if (!webauthn::judge_rp_id(config.rp_id, host_of_origin(origin), public_suffixes())) {
      section.fail("related_origins",
                   fmt::format("has {}, which is at {} or below it; list it in origins", origin, config.rp_id));
      return;
    }
    names.insert(counted_name(origin));
  }
  if (names.size() > kRelatedNamesMax)
    section.fail("related_origins", fmt::format("is of {} different names, and browsers look at {}; leave some out",
                                                names.size(), kRelatedNamesMax));
}

}  // namespace

std::string origin_of(const AndroidApp& app) { return "android:apk-key-hash:" + to_base64url(app.fingerprint); }

void read_elsewhere(Section& section, WebauthnConfig& out) {
  section.parsed_list("android_apps", out.android_apps, parse_android_app,
                      "a package and the SHA-256 of its signing certificate, such as \"com.example.app 14:6D:…\" (32 "
                      "bytes)");
  section.parsed_list("apple_apps", out.apple_apps, parse_apple_app,
                      "a team and a bundle, such as \"ABCDE12345.com.example.app\"");
  check_related(section, out);
  const std::string site = "https://" + out.rp_id;
  if (!out.apple_apps.empty() && std::ranges::find(out.origins, site) == out.origins.end())
    section.fail("apple_apps", fmt::format("needs {} in origins: Apple's apps answer as that page", site));
}

}  // namespace countersign::main
