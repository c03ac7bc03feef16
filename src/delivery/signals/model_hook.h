#pragma once

#include <string>
#include <vector>

#include "crypto/webhook_signature.h"
#include "delivery/signals/signal.h"

namespace countersign::delivery {

struct ModelHookOptions {
  std::string url;
  std::vector<crypto::WebhookSecret> secrets;            ///< At least one; during a rotation both, and all sign.
  AddressPolicy addresses = AddressPolicy::kPublicOnly;  ///< kAny for a model inside the operator's own network.
  PlainHttp plain_http = PlainHttp::kRefused;
};

/// An operator's own model: a JSON POST `{features, id, words}` with the headers of Standard Webhooks, answered with
/// 200 and `{"score": 0.3}`, from 0 (harmless) to 1. The body names nobody: it has no address, identity or payload.
class ModelHook final : public SignalSource {
 public:
  /// Client and clock outlive the source.
  ModelHook(HttpClient& http, const Clock& clock, ModelHookOptions options);

  void ask(const SignalQuestion& question, std::chrono::milliseconds within, SignalDone done) override;
  [[nodiscard]] bool is_about_line() const override { return false; }

 private:
  HttpClient& http_;
  const Clock& clock_;
  ModelHookOptions options_;
};

/// Canonical JSON, the bytes that are signed.
[[nodiscard]] std::string model_body(const SignalQuestion& question);

/// Pure. Anything but an object with a number `score` from 0 to 1 alone is kUnreadable: a model that answers something
/// else was not asked what its operator thinks.
[[nodiscard]] SignalResult read_model_answer(const HttpResult& result);

}  // namespace countersign::delivery
