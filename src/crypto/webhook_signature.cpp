#include "crypto/webhook_signature.h"

#include "base/check.h"
#include "base/encoding.h"
#include "base/number.h"
#include "crypto/hmac.h"

namespace countersign::crypto {

namespace {

constexpr std::string_view kPrefix = "whsec_";
constexpr std::string_view kSignatureVersion = "v1,";

std::string signature_of(std::string_view id, std::string_view timestamp, std::string_view body,
                         const WebhookSecret& secret) {
  std::string signed_text;
  signed_text.reserve(id.size() + timestamp.size() + body.size() + 2);
  signed_text.append(id).append(1, '.').append(timestamp).append(1, '.').append(body);
  return to_base64(hmac(Hash::kSha256, secret.bytes(), signed_text));
}

bool is_usable_id(std::string_view id) { return !id.empty() && id.find('.') == std::string_view::npos; }

/// Decimal digits only; twelve of them reach beyond the year 30000.
std::optional<std::int64_t> read_seconds(std::string_view text) {
  return text.size() > 12 || text.starts_with('-') ? std::nullopt : parse_number<std::int64_t>(text);
}

}  // namespace

WebhookSecret WebhookSecret::make(Random& random) { return WebhookSecret(SecretString(random.bytes(32))); }

Result<WebhookSecret, WebhookSecretError> WebhookSecret::parse(std::string_view text) {
  if (text.starts_with(kPrefix)) text.remove_prefix(kPrefix.size());
  auto bytes = from_base64(text);
  if (!bytes) return fail(WebhookSecretError::kEncoding);
  SecretString secret(std::move(*bytes));
  if (secret.expose().size() < 24 || secret.expose().size() > 64) return fail(WebhookSecretError::kLength);
  return WebhookSecret(std::move(secret));
}

SecretString WebhookSecret::text() const { return SecretString(std::string(kPrefix) + to_base64(bytes_.expose())); }

std::string sign_webhook(std::string_view id, std::int64_t timestamp, std::string_view body,
                         std::span<const WebhookSecret> secrets) {
  CS_CHECK(is_usable_id(id) && timestamp >= 0 && !secrets.empty());
  const std::string seconds = std::to_string(timestamp);
  std::string out;
  for (const WebhookSecret& secret : secrets) {
    if (!out.empty()) out.push_back(' ');
    out.append(kSignatureVersion).append(signature_of(id, seconds, body, secret));
  }
  return out;
}

Result<Done, WebhookError> verify_webhook(const WebhookHeaders& headers, std::string_view body,
                                          std::span<const WebhookSecret> secrets, WallTime now,
                                          std::int64_t tolerance_seconds) {
  const auto timestamp = read_seconds(headers.timestamp);
  if (!is_usable_id(headers.id) || !timestamp || headers.signature.empty()) return fail(WebhookError::kMalformed);
  const std::int64_t age = to_unix_seconds(now) - *timestamp;
  if (age > tolerance_seconds || age < -tolerance_seconds) return fail(WebhookError::kTimestamp);

  bool found = false;
  for (const WebhookSecret& secret : secrets) {
    const std::string expected =
        std::string(kSignatureVersion) + signature_of(headers.id, headers.timestamp, body, secret);
    std::string_view rest = headers.signature;
    while (!rest.empty()) {
      const std::string_view one = rest.substr(0, rest.find(' '));
      rest.remove_prefix(std::min(one.size() + 1, rest.size()));
      if (equal_constant_time(one, expected)) found = true;
    }
  }
  if (!found) return fail(WebhookError::kSignature);
  return Done{};
}

}  // namespace countersign::crypto
