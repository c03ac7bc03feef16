#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"

// Standard Webhooks 1.0, symmetric signatures (v1, HMAC-SHA256). [HOOK-1, HOOK-2, HOOK-3, HOOK-9]
namespace countersign::crypto {

enum class WebhookSecretError {
  kEncoding,  ///< not Base64 after the prefix
  kLength,    ///< not 24 to 64 bytes
};

/// The secret of one webhook endpoint.
class WebhookSecret {
 public:
  [[nodiscard]] static WebhookSecret make(Random& random);  ///< 32 random bytes
  /// `whsec_` and Base64; the prefix may be missing, as in some receivers' settings.
  [[nodiscard]] static Result<WebhookSecret, WebhookSecretError> parse(std::string_view text);

  /// `whsec_` and Base64, to show it to the endpoint's owner.
  [[nodiscard]] SecretString text() const;
  [[nodiscard]] std::string_view bytes() const { return bytes_.expose(); }

 private:
  explicit WebhookSecret(SecretString bytes) : bytes_(std::move(bytes)) {}

  SecretString bytes_;
};

/// The value of `webhook-signature` for this message: one signature per secret, separated by spaces; two during a
/// rotation. `id` and `timestamp` (seconds) go into `webhook-id` and `webhook-timestamp`; a retry keeps the id and
/// takes a new timestamp. `id` must not contain a dot, or bytes could move between the signed parts.
[[nodiscard]] std::string sign_webhook(std::string_view id, std::int64_t timestamp, std::string_view body,
                                       std::span<const WebhookSecret> secrets);

struct WebhookHeaders {
  std::string_view id;
  std::string_view timestamp;
  std::string_view signature;
};

enum class WebhookError {
  kMalformed,  ///< a header is missing or malformed
  kTimestamp,  ///< too old or too far ahead
  kSignature,  ///< no signature matches one of the secrets
};

/// The receiver's side. The caller must still process each id only once. Ignores signatures of other versions (v1a, …).
/// Compares in constant time.
[[nodiscard]] Result<Done, WebhookError> verify_webhook(const WebhookHeaders& headers, std::string_view body,
                                                        std::span<const WebhookSecret> secrets, WallTime now,
                                                        std::int64_t tolerance_seconds = 300);

}  // namespace countersign::crypto
