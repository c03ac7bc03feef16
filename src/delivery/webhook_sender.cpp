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

/// [X-Twilio-Signature] A retry has the same token, by which a receiver detects it.
HttpCall twilio_post(WebhookAttempt attempt) {
  HttpCall call;
  call.method = "POST";
  call.headers = {
      {"Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"},
      {"X-Twilio-Signature", crypto::twilio_signature(attempt.auth_token->expose(), attempt.url, attempt.form)},
      {"I-Twilio-Idempotency-Token", attempt.id}};
  add_traceparent(call.headers);
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
  trace::Span span;
  if (options_.recorder != nullptr) {
    span = trace::Span(*options_.recorder, options_.recorder->recall(attempt.id), trace::Kind::kClient);
    span.name("webhook");
    span.set("countersign.delivery", attempt.id);
  }
  const trace::Scope scope(span.context());
  HttpCall call = attempt.auth_token ? twilio_post(std::move(attempt))
                                     : signed_post(std::move(attempt.url), attempt.id, std::move(attempt.body),
                                                   attempt.secrets, clock_.now());
  call.total_timeout = options_.timeout;
  call.addresses = options_.addresses;
  call.plain_http = options_.plain_http;
  http_.send(std::move(call),
             [&clock = clock_, span = std::move(span), done = std::move(done)](const HttpResult& result) mutable {
               if (result) span.set("http.response.status_code", result->status);
               auto outcome = judge_webhook_answer(result, clock.now());
               if (outcome.verdict != WebhookVerdict::kDelivered)
                 span.fail(result ? std::to_string(result->status) : std::string(name_of(result.error().fault)));
               span.end();
               done(std::move(outcome));
             });
}

}  // namespace countersign::delivery
