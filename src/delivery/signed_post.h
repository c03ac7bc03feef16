#pragma once

#include <span>
#include <string>

#include "crypto/webhook_signature.h"
#include "delivery/http_client.h"

namespace countersign::delivery {

/// A JSON POST with the headers of Standard Webhooks. [HOOK-1] Policy and time-outs are still the defaults.
[[nodiscard]] HttpCall signed_post(std::string url, std::string_view id, std::string body,
                                   std::span<const crypto::WebhookSecret> secrets, WallTime now);

}  // namespace countersign::delivery
