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

/// One attempt at one delivery. A retry keeps `id` and `body`; the time stamp is taken anew at every attempt. [HOOK-4]
struct WebhookAttempt {
  std::string url;
  std::vector<crypto::WebhookSecret> secrets;  ///< At least one; during a rotation both, and all sign. [HOOK-3]
  std::string id;                              ///< Without a dot.
  std::string body;                            ///< JSON; the bytes that are signed.
  /// Instead of `secrets` and `body`: a form, signed as Twilio does, with this auth token.
  std::optional<SecretString> auth_token{};
  std::vector<std::pair<std::string, std::string>> form{};
};

enum class WebhookVerdict {
  kDelivered,     ///< 2xx.
  kRetry,         ///< Any other answer or none, redirects included: they are not followed.
  kSlowDown,      ///< 429, 502, 504: the endpoint has too much to do; send it less for a while.
  kEndpointGone,  ///< 410: disable the endpoint.
};

struct WebhookOutcome {
  WebhookVerdict verdict;
  std::optional<int> status;            ///< Of the answer, when there was one.
  std::optional<Duration> retry_after;  ///< As the endpoint asked, whatever the verdict.
  std::string detail;                   ///< One sentence for the list of deliveries; nothing of the answer's body.
  Duration duration{};
};

/// The rules of HOOK-5 alone. `now` is for a Retry-After that names a date.
[[nodiscard]] WebhookOutcome judge_webhook_answer(const HttpResult& result, WallTime now);

/// Of a client for webhooks, so many at a time and to one host. A connection is not used again after four seconds: many
/// receivers close it after five, which is also when the first repetition comes.
[[nodiscard]] inline HttpClientOptions webhook_client_options(std::size_t concurrent) {
  return {.concurrent_max = concurrent, .concurrent_per_host_max = concurrent, .idle_max = std::chrono::seconds(4)};
}

struct WebhookSenderOptions {
  AddressPolicy addresses = AddressPolicy::kPublicOnly;  ///< kAny in development alone.
  PlainHttp plain_http = PlainHttp::kRefused;            ///< kAllowed in development alone.
  /// Shorter than the 15 to 30 s of HOOK-5: the attempts before must leave time to claim (delivery/backoff.h).
  std::chrono::milliseconds timeout{5'000};
  trace::Recorder* recorder = nullptr;  ///< Of a span for each attempt; outlives the sender. Null: nobody traces.
};

/// Sends signed webhooks (Standard Webhooks). Thread-safe; holds nothing between attempts.
class WebhookSender {
 public:
  /// Client and clock outlive the sender.
  WebhookSender(HttpClient& http, const Clock& clock, WebhookSenderOptions options = {});

  /// `done` runs once, as HttpClient's does.
  void send(WebhookAttempt attempt, std::move_only_function<void(WebhookOutcome)> done);

 private:
  HttpClient& http_;
  const Clock& clock_;
  WebhookSenderOptions options_;
};

}  // namespace countersign::delivery
