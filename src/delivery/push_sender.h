#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/vapid.h"
#include "crypto/web_push.h"
#include "delivery/http_client.h"
#include "delivery/push_endpoint.h"
#include "delivery/push_keys.h"

// Web Push: messages to browsers and home-screen apps by way of their push services (RFC 8030). [ADR 49]
namespace countersign::delivery {

/// Texts are padded to this size, so that their length says nothing to the push service.
inline constexpr std::size_t kPushPadded = 512;

/// One message to one device.
struct PushMessage {
  std::string endpoint;  ///< As read_push_endpoint() returned it.
  crypto::PushRecipient to;
  std::string key;           ///< The point of the VAPID key that it was subscribed with.
  std::string text;          ///< At most kPushTextMax bytes, and nothing in it that a lock screen should not show.
  std::string topic;         ///< Up to 32 characters of base64url: replaces what waits there with the same. [PUSH-4]
  std::chrono::seconds ttl;  ///< What the push service cannot deliver by then, it drops. [PUSH-4]
};

enum class PushVerdict {
  kAccepted,  ///< 2xx. Whether the device shows it, nobody says.
  kGone,      ///< 404, 410: the subscription is over.
  kRetry,     ///< 429, 5xx, or no answer.
  kRefused,   ///< Any other answer, redirects included: the configuration, the message or the endpoint is wrong.
};

struct PushOutcome {
  PushVerdict verdict;
  std::optional<int> status = {};            ///< Of the answer, if any.
  std::optional<Duration> retry_after = {};  ///< As the push service asked, whatever the verdict.
  /// For the log: status and the beginning of the body of the answer, which says what is wrong ("BadJwtToken"). Without
  /// control characters, and without the endpoint, which is a capability.
  std::string detail = {};
  Duration duration{};
};

/// Implements PUSH-5. `now` is for a Retry-After with a date.
[[nodiscard]] PushOutcome judge_push_answer(const HttpResult& result, std::string_view endpoint, WallTime now);

struct PushSenderOptions {
  PushEndpointRules rules = {};
  std::chrono::milliseconds timeout{10'000};
};

/// Encrypts and sends. Thread-safe; keeps no state between messages but the tokens of the keys.
class PushSender {
 public:
  /// References outlive the sender.
  PushSender(HttpClient& http, const Clock& clock, Random& random, std::shared_ptr<const PushKeys> keys,
             PushSenderOptions options = {});
  /// With keys that stay.
  PushSender(HttpClient& http, const Clock& clock, Random& random, std::vector<crypto::VapidKey> keys,
             PushSenderOptions options = {});

  /// Encrypts on the caller's thread. `done` runs once, as for HttpClient; kRefused without a call for a key that is
  /// not among `keys`, and for an endpoint outside the rules, which may have become stricter.
  void send(PushMessage message, std::move_only_function<void(PushOutcome)> done);

 private:
  HttpClient& http_;
  const Clock& clock_;
  Random& random_;
  std::shared_ptr<const PushKeys> keys_;
  PushSenderOptions options_;
};

}  // namespace countersign::delivery
