#include "delivery/signed_post.h"

#include "base/trace.h"

namespace countersign::delivery {

void add_traceparent(HttpHeaders& headers) {
  if (const auto& current = trace::current(); current.is_traced())
    headers.emplace_back("traceparent", trace::traceparent_of(current));
}

HttpCall signed_post(std::string url, std::string_view id, std::string body,
                     std::span<const crypto::WebhookSecret> secrets, WallTime now) {
  const std::int64_t timestamp = to_unix_seconds(now);
  HttpCall call;
  call.method = "POST";
  call.url = std::move(url);
  call.headers = {{"Content-Type", "application/json"},
                  {"webhook-id", std::string(id)},
                  {"webhook-timestamp", std::to_string(timestamp)},
                  {"webhook-signature", crypto::sign_webhook(id, timestamp, body, secrets)}};
  add_traceparent(call.headers);
  call.body = std::move(body);
  return call;
}

}  // namespace countersign::delivery
