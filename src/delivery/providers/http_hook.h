#pragma once

#include <string>
#include <vector>

#include "crypto/webhook_signature.h"
#include "delivery/http_client.h"
#include "delivery/ports.h"

namespace countersign::delivery {

struct HttpHookOptions {
  std::string url;
  std::vector<crypto::WebhookSecret> secrets;            ///< At least one; during a rotation both, and all sign.
  std::vector<Channel> channels;                         ///< Channels that the hook serves.
  AddressPolicy addresses = AddressPolicy::kPublicOnly;  ///< kAny for a hook inside the operator's own network.
  PlainHttp plain_http = PlainHttp::kRefused;
  std::chrono::milliseconds timeout{10'000};
};

/// Sends a message to a service of the operator: a JSON POST `{id, channel, to, subject?, body, code, locale,
/// expires_at}` with the headers of Standard Webhooks.
///
/// 2xx means that the hook has accepted it; it may return its own reference, `{"ref": "…"}`. 408, 425, 429, 503 and 507
/// are retried by the outbox, with the same id, by which the hook can detect a repetition; 500, 502, 504 and no answer
/// are retried once. Any other answer is final.
class HttpHook final : public Sender {
 public:
  /// Client and clock outlive the provider; the clock outlives the client's last call.
  HttpHook(HttpClient& http, const Clock& clock, HttpHookOptions options);

  void send(OutgoingMessage message, ProviderDone<Accepted> done) override;
  [[nodiscard]] std::string_view name() const override { return "http_hook"; }
  [[nodiscard]] bool supports(Channel channel) const override;

 private:
  HttpClient& http_;
  const Clock& clock_;
  HttpHookOptions options_;
};

/// The body for the hook: canonical JSON, the bytes that are signed.
[[nodiscard]] std::string hook_body(const OutgoingMessage& message);

/// Parses the hook's answer. Pure. Without a usable `ref` the message's own id is the reference.
[[nodiscard]] Result<Accepted, ProviderError> read_hook_answer(const HttpResult& result, const MessageId& id,
                                                               WallTime now);

}  // namespace countersign::delivery
