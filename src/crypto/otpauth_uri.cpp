#include "crypto/otpauth_uri.h"

#include <algorithm>
#include <map>
#include <optional>

#include "base/ascii.h"
#include "base/check.h"
#include "base/encoding.h"
#include "base/number.h"
#include "base/text.h"

namespace countersign::crypto {

namespace {

constexpr std::size_t kUriMax = 4096;
constexpr std::size_t kSecretMin = 10;  // 80 bits, as in the oldest authenticator keys.
constexpr std::size_t kSecretMax = 128;

std::string_view name_of(OtpAlgorithm algorithm) {
  switch (algorithm) {
    case OtpAlgorithm::kSha1:
      return "SHA1";
    case OtpAlgorithm::kSha256:
      return "SHA256";
    case OtpAlgorithm::kSha512:
      return "SHA512";
  }
  CS_CHECK(false);
}

std::optional<OtpAlgorithm> algorithm_named(std::string_view name) {
  for (const auto algorithm : {OtpAlgorithm::kSha1, OtpAlgorithm::kSha256, OtpAlgorithm::kSha512}) {
    if (equals_ignoring_case(name, name_of(algorithm))) return algorithm;
  }
  return std::nullopt;
}

/// A path may contain '@' (RFC 3986, section 3.3); unescaped, the address stays readable.
std::string encode_label(std::string_view text) {
  std::string out;
  for (std::size_t start = 0;;) {
    const std::size_t at = text.find('@', start);
    out += percent_encode(text.substr(start, at - start));
    if (at == std::string_view::npos) return out;
    out.push_back('@');
    start = at + 1;
  }
}

/// Text that may be shown: UTF-8 without control characters.
std::optional<std::string> decode_text(std::string_view encoded) {
  auto text = percent_decode(encoded, Plus::kIsPlus);
  if (!text || !is_utf8(*text)) return std::nullopt;
  const bool controls = std::ranges::any_of(*text, [](char c) { return (c >= 0 && c < 0x20) || c == 0x7F; });
  return controls ? std::nullopt : text;
}

template <class Number>
std::optional<Number> whole_number(std::string_view text) {
  return text.starts_with('-') ? std::nullopt : parse_number<Number>(text);
}

using Query = std::map<std::string, std::string, std::less<>>;

/// Name and value pairs without duplicate names.
std::optional<Query> parse_query(std::string_view text) {
  Query query;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    auto name = decode_text(pair.substr(0, equals));
    auto value = decode_text(pair.substr(equals + 1));
    if (!name || !value || !query.emplace(std::move(*name), std::move(*value)).second) return std::nullopt;
  }
  return query;
}

/// "Issuer:account", "Issuer: account" or "account". The issuer parameter, if present, determines where the issuer
/// ends.
bool read_label(const std::string& label, const Query& query, OtpauthUri& out) {
  const auto parameter = query.find("issuer");
  if (parameter != query.end()) out.issuer = parameter->second;
  std::string_view account = label;
  if (!out.issuer.empty() && label.starts_with(out.issuer + ":")) {
    account.remove_prefix(out.issuer.size() + 1);
  } else if (const std::size_t colon = label.find(':'); colon != std::string::npos) {
    if (!out.issuer.empty()) return false;
    out.issuer = label.substr(0, colon);
    account.remove_prefix(colon + 1);
  }
  while (account.starts_with(' ')) account.remove_prefix(1);
  out.account = account;
  return !out.account.empty();
}

bool read_secret(const Query& query, OtpauthUri& out) {
  const auto secret = query.find("secret");
  if (secret == query.end()) return false;
  auto bytes = from_base32(secret->second);
  if (!bytes || bytes->size() < kSecretMin || bytes->size() > kSecretMax) return false;
  out.secret = SecretString(std::move(*bytes));
  return true;
}

bool read_parameters(const Query& query, OtpauthUri& out) {
  const auto given = [&](std::string_view name) {
    const auto at = query.find(name);
    return at != query.end() ? std::optional(at->second) : std::nullopt;
  };
  if (const auto name = given("algorithm")) {
    const auto algorithm = algorithm_named(*name);
    if (!algorithm) return false;
    out.parameters.algorithm = *algorithm;
  }
  if (const auto digits = given("digits")) out.parameters.digits = whole_number<int>(*digits).value_or(0);
  if (out.type == OtpauthUri::Type::kTotp) {
    if (const auto period = given("period")) {
      out.parameters.period_seconds = whole_number<std::int64_t>(*period).value_or(0);
    }
  } else {
    const auto counter = whole_number<std::uint64_t>(given("counter").value_or(""));
    if (!counter) return false;
    out.counter = *counter;
  }
  return out.parameters.valid();
}

}  // namespace

std::string otpauth_uri(std::string_view issuer, std::string_view account, const SecretString& secret,
                        const TotpParameters& parameters) {
  CS_CHECK(parameters.valid());
  std::string out = "otpauth://totp/";
  if (!issuer.empty()) out += encode_label(issuer) + ":";
  out += encode_label(account);
  out += "?secret=" + to_base32(secret.expose());
  if (!issuer.empty()) out += "&issuer=" + percent_encode(issuer);
  out += "&algorithm=" + std::string(name_of(parameters.algorithm));
  out += "&digits=" + std::to_string(parameters.digits);
  out += "&period=" + std::to_string(parameters.period_seconds);
  return out;
}

Result<OtpauthUri, OtpauthError> parse_otpauth_uri(std::string_view text) {
  OtpauthUri out;
  constexpr std::string_view kTotp = "otpauth://totp/";
  constexpr std::string_view kHotp = "otpauth://hotp/";
  if (text.size() > kUriMax || text.find('#') != std::string_view::npos) return fail(OtpauthError::kNotOtpauth);
  if (text.starts_with(kHotp)) {
    out.type = OtpauthUri::Type::kHotp;
  } else if (!text.starts_with(kTotp)) {
    return fail(OtpauthError::kNotOtpauth);
  }
  text.remove_prefix(kTotp.size());

  const std::size_t mark = std::min(text.find('?'), text.size());
  const auto label = decode_text(text.substr(0, mark));
  if (!label) return fail(OtpauthError::kLabel);
  const auto query = parse_query(text.substr(std::min(mark + 1, text.size())));
  if (!query) return fail(OtpauthError::kParameter);
  if (!read_label(*label, *query, out)) return fail(OtpauthError::kLabel);
  if (!read_secret(*query, out)) return fail(OtpauthError::kSecret);
  if (!read_parameters(*query, out)) return fail(OtpauthError::kParameter);
  return out;
}

}  // namespace countersign::crypto
