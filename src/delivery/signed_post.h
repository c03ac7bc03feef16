#pragma once

#include <span>
#include <string>

#include "crypto/webhook_signature.h"
#include "delivery/http_client.h"

namespace countersign::delivery {

/// Adds the current trace context, if traced. Only for receivers of the operator or its applications: vendors have no
/// use for our ids.
void add_traceparent(HttpHeaders& headers);

/// A JSON POST with the headers of Standard Webhooks, and traceparent. [HOOK-1] Policy and time-outs keep their
/// defaults.
[[nodiscard]] HttpCall signed_post(std::string url, std::string_view id, std::string body,
                                   std::span<const crypto::WebhookSecret> secrets, WallTime now);

}  // namespace countersign::delivery
