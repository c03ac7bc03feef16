#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "base/trace.h"
#include "crypto/webhook_signature.h"
#include "delivery/http_client.h"

namespace countersign::delivery {

/// One attempt of one delivery. A retry keeps `id` and `body`; every attempt has a new time stamp. [HOOK-4]
struct WebhookAttempt {
  std::string url;
  std::vector<crypto::WebhookSecret> secrets;  ///< At least one; during a rotation both, and all sign. [HOOK-3]
  std::string id;                              ///< Must not contain a dot.
  std::string body;                            ///< JSON; the signed bytes.
  /// Instead of `secrets` and `body`: a form, signed like Twilio's, with this auth token.
  std::optional<SecretString> auth_token{};
  std::vector<std::pair<std::string, std::string>> form{};
};

enum class WebhookVerdict {
  kDelivered,     ///< 2xx.
  kRetry,         ///< Any other answer or none, redirects included: they are not followed.
  kSlowDown,      ///< 429, 502, 504: the endpoint is overloaded; send less for a while.
  kEndpointGone,  ///< 410: disable the endpoint.
};

struct WebhookOutcome {
  WebhookVerdict verdict;
  std::optional<int> status;            ///< Status of the answer, if any.
  std::optional<Duration> retry_after;  ///< As the endpoint requested, whatever the verdict.
  std::string detail;                   ///< One sentence for the list of deliveries, without the answer's body.
  Duration duration{};
};

/// Implements HOOK-5. `now` is for a Retry-After with a date.
[[nodiscard]] WebhookOutcome judge_webhook_answer(const HttpResult& result, WallTime now);

/// Options of a client for webhooks, with these limits in total and per host. A connection is not reused after four
/// seconds: many receivers close it after five, which is also the time of the first retry.
[[nodiscard]] inline HttpClientOptions webhook_client_options(std::size_t concurrent) {
  return {.concurrent_max = concurrent, .concurrent_per_host_max = concurrent, .idle_max = std::chrono::seconds(4)};
}

struct WebhookSenderOptions {
  AddressPolicy addresses = AddressPolicy::kPublicOnly;  ///< kAny only in development.
  PlainHttp plain_http = PlainHttp::kRefused;            ///< kAllowed only in development.
  /// Shorter than the 15 to 30 s of HOOK-5: earlier attempts must leave time to claim (delivery/backoff.h).
  std::chrono::milliseconds timeout{5'000};
  trace::Recorder* recorder = nullptr;  ///< Records a span for each attempt; outlives the sender. Null: no tracing.
};

/// Sends signed webhooks (Standard Webhooks). Thread-safe; keeps no state between attempts.
class WebhookSender {
 public:
  /// Client and clock outlive the sender.
  WebhookSender(HttpClient& http, const Clock& clock, WebhookSenderOptions options = {});

  /// `done` runs once, as for HttpClient.
  void send(WebhookAttempt attempt, std::move_only_function<void(WebhookOutcome)> done);

 private:
  HttpClient& http_;
  const Clock& clock_;
  WebhookSenderOptions options_;
};

}  // namespace countersign::delivery
