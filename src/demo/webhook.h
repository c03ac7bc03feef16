#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/secret.h"
#include "base/time.h"

// The receiver's side of Standard Webhooks (symmetric, v1).
namespace countersign::demo {

/// `whsec_` and the Base64 of 32 random bytes, shared with Countersign.
[[nodiscard]] SecretString make_webhook_secret(Random& random);

struct WebhookMessage {
  std::string_view id;         ///< `webhook-id`: the same for every attempt of one delivery.
  std::string_view timestamp;  ///< `webhook-timestamp`: seconds since the epoch, of this attempt.
  std::string_view signature;  ///< `webhook-signature`
  std::string_view body;       ///< As received: parse it only after verification.
};

/// Whether the message was signed with the secret within five minutes of `now`.
[[nodiscard]] bool is_genuine(const WebhookMessage& message, std::string_view secret, WallTime now);

/// The transaction id in a verified body; nothing if it has another form.
[[nodiscard]] std::optional<std::string> transaction_of(std::string_view body);

}  // namespace countersign::demo
