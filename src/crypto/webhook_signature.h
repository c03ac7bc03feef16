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
  /// `whsec_` and Base64; the prefix may be missing, as some receivers' settings have it.
  [[nodiscard]] static Result<WebhookSecret, WebhookSecretError> parse(std::string_view text);

  /// `whsec_` and Base64, for showing it to the endpoint's owner.
  [[nodiscard]] SecretString text() const;
  [[nodiscard]] std::string_view bytes() const { return bytes_.expose(); }

 private:
  explicit WebhookSecret(SecretString bytes) : bytes_(std::move(bytes)) {}

  SecretString bytes_;
};

/// The value of `webhook-signature` for this message: one signature for each secret, a space between; two while a
/// rotation runs. `id` and `timestamp` (seconds) go into `webhook-id` and `webhook-timestamp`; a retry keeps the id and
/// takes a new timestamp. `id` has no dot in it, or text could be shifted between the signed parts.
[[nodiscard]] std::string sign_webhook(std::string_view id, std::int64_t timestamp, std::string_view body,
                                       std::span<const WebhookSecret> secrets);

struct WebhookHeaders {
  std::string_view id;
  std::string_view timestamp;
  std::string_view signature;
};

enum class WebhookError {
  kMalformed,  ///< a header is missing or not in its form
  kTimestamp,  ///< too old or too far ahead
  kSignature,  ///< none of the signatures is of one of the secrets
};

/// The receiver's side. The caller still has to process each id only once.
/// Signatures of other versions (v1a, …) are passed over. Compares in constant time.
[[nodiscard]] Result<Done, WebhookError> verify_webhook(const WebhookHeaders& headers, std::string_view body,
                                                        std::span<const WebhookSecret> secrets, WallTime now,
                                                        std::int64_t tolerance_seconds = 300);

}  // namespace countersign::crypto
