#include "delivery/webhook_sender.h"

#include <fmt/core.h>

#include "crypto/twilio_signature.h"
#include "delivery/backoff.h"
#include "delivery/signed_post.h"

namespace countersign::delivery {
namespace {

WebhookVerdict verdict_of(int status) {
  if (status >= 200 && status < 300) return WebhookVerdict::kDelivered;
  if (status == 410) return WebhookVerdict::kEndpointGone;
  if (status == 429 || status == 502 || status == 504) return WebhookVerdict::kSlowDown;
  return WebhookVerdict::kRetry;
}

/// [X-Twilio-Signature] A repeated attempt has the same token, by which a receiver knows it.
HttpCall twilio_post(WebhookAttempt attempt) {
  HttpCall call;
  call.method = "POST";
  call.headers = {
      {"Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"},
      {"X-Twilio-Signature", crypto::twilio_signature(attempt.auth_token->expose(), attempt.url, attempt.form)},
      {"I-Twilio-Idempotency-Token", attempt.id}};
  call.body = form_encode(attempt.form);
  call.url = std::move(attempt.url);
  return call;
}

}  // namespace

WebhookOutcome judge_webhook_answer(const HttpResult& result, WallTime now) {
  if (!result) {
    const auto& error = result.error();
    return {WebhookVerdict::kRetry, std::nullopt, std::nullopt,
            fmt::format("{}: {}", name_of(error.fault), error.detail)};
  }
  const auto header = result->header("retry-after");
  return {verdict_of(result->status), result->status, header ? parse_retry_after(*header, now) : std::nullopt,
          fmt::format("HTTP status {}", result->status), result->duration};
}

WebhookSender::WebhookSender(HttpClient& http, const Clock& clock, WebhookSenderOptions options)
    : http_(http), clock_(clock), options_(options) {}

void WebhookSender::send(WebhookAttempt attempt, std::move_only_function<void(WebhookOutcome)> done) {
  HttpCall call = attempt.auth_token ? twilio_post(std::move(attempt))
                                     : signed_post(std::move(attempt.url), attempt.id, std::move(attempt.body),
                                                   attempt.secrets, clock_.now());
  call.total_timeout = options_.timeout;
  call.addresses = options_.addresses;
  call.plain_http = options_.plain_http;
  http_.send(std::move(call), [&clock = clock_, done = std::move(done)](const HttpResult& result) mutable {
    done(judge_webhook_answer(result, clock.now()));
  });
}

}  // namespace countersign::delivery
