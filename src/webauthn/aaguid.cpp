#include "webauthn/aaguid.h"

#include <array>
#include <cstddef>
#include <map>

#include "base/check.h"
#include "base/encoding.h"
#include "base/json.h"
#include "webauthn/authenticator_data.h"
#include "webauthn/authenticator_name_files.h"

namespace countersign::webauthn {

namespace {

/// Where a UUID has its hyphens.
constexpr std::array<std::size_t, 4> kHyphens{8, 13, 18, 23};

using AuthenticatorNames = std::map<std::string, std::string, std::less<>>;

AuthenticatorNames read_names() {
  AuthenticatorNames names;
  const auto file = parse_json(authenticator_name_files().front().bytes);
  CS_CHECK(file);
  for (const auto& [text, name] : file->at("names").as_object()) {
    const auto aaguid = aaguid_from_text(text);
    CS_CHECK(aaguid);
    names.emplace(*aaguid, name.as_string());
  }
  return names;
}

}  // namespace

std::string aaguid_text(std::string_view aaguid) {
  CS_CHECK(aaguid.size() == kAaguidSize);
  std::string text = to_hex(aaguid);
  for (const std::size_t at : kHyphens) text.insert(at, 1, '-');
  return text;
}

std::optional<std::string> aaguid_from_text(std::string_view text) {
  if (text.size() != 2 * kAaguidSize + kHyphens.size()) return std::nullopt;
  std::string digits(text);
  for (auto at = kHyphens.rbegin(); at != kHyphens.rend(); ++at) {
    if (digits[*at] != '-') return std::nullopt;
    digits.erase(*at, 1);
  }
  return from_hex(digits);
}

std::optional<std::string_view> authenticator_name(std::string_view aaguid) {
  static const AuthenticatorNames names = read_names();
  const auto at = names.find(aaguid);
  return at != names.end() ? std::optional<std::string_view>(at->second) : std::nullopt;
}

}  // namespace countersign::webauthn
