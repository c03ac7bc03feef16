#include "crypto/twilio_signature.h"

#include <algorithm>
#include <optional>

#include "base/encoding.h"
#include "base/secret.h"
#include "crypto/digest.h"
#include "crypto/hmac.h"

namespace countersign::crypto {

namespace {

constexpr std::string_view kBodyHash = "bodySHA256";

/// Where a URL's authority ends, and where its port's colon is, if any.
struct Authority {
  std::size_t end;
  std::size_t colon;  ///< equal to `end` when there is no port
};

std::optional<Authority> find_authority(std::string_view url) {
  const std::size_t slashes = url.find("://");
  if (slashes == std::string_view::npos) return std::nullopt;
  const std::size_t start = slashes + 3;
  const std::size_t end = std::min(url.find_first_of("/?#", start), url.size());
  // A colon before an '@' belongs to the user part, one before a ']' to an IPv6 address.
  std::size_t colon = end;
  for (std::size_t i = start; i < end; ++i) {
    if (url[i] == ':') colon = i;
    if (url[i] == '@' || url[i] == ']') colon = end;
  }
  return Authority{end, colon};
}

/// The same URL with its port removed, or with the scheme's default port added.
std::string other_spelling(std::string_view url) {
  const auto authority = find_authority(url);
  if (!authority) return std::string(url);
  std::string out(url.substr(0, authority->colon));
  if (authority->colon == authority->end) out += url.starts_with("http://") ? ":80" : ":443";
  return out.append(url.substr(authority->end));
}

std::optional<std::string_view> query_value(std::string_view url, std::string_view name) {
  const std::size_t mark = url.find('?');
  if (mark == std::string_view::npos) return std::nullopt;
  std::string_view query = url.substr(mark + 1);
  query = query.substr(0, query.find('#'));
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') {
      return pair.substr(name.size() + 1);
    }
  }
  return std::nullopt;
}

}  // namespace

std::string twilio_signature(std::string_view auth_token, std::string_view url, const FormParameters& parameters) {
  FormParameters sorted = parameters;
  std::ranges::sort(sorted);
  const auto repeated = std::ranges::unique(sorted);
  sorted.erase(repeated.begin(), repeated.end());
  std::string data(url);
  for (const auto& [name, value] : sorted) data.append(name).append(value);
  return to_base64(hmac(Hash::kSha1, auth_token, data));
}

std::string url_with_body_hash(std::string_view url, std::string_view body) {
  std::string out(url);
  out += url.find('?') == std::string_view::npos ? '?' : '&';
  return out.append(kBodyHash).append(1, '=').append(to_hex(sha256(body)));
}

bool twilio_signature_valid(std::string_view auth_token, std::string_view url, const FormParameters& parameters,
                            std::string_view signature) {
  const bool as_called = equal_constant_time(twilio_signature(auth_token, url, parameters), signature);
  const bool otherwise = equal_constant_time(twilio_signature(auth_token, other_spelling(url), parameters), signature);
  return as_called || otherwise;
}

bool twilio_json_signature_valid(std::string_view auth_token, std::string_view url, std::string_view body,
                                 std::string_view signature) {
  const auto hash = query_value(url, kBodyHash);
  const bool body_matches = hash && equal_constant_time(*hash, to_hex(sha256(body)));
  return twilio_signature_valid(auth_token, url, {}, signature) && body_matches;
}

}  // namespace countersign::crypto
