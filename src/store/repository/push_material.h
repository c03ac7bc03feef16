#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "domain/push.h"

namespace countersign::store {

// What stands in `factors.material_sealed` of a device that is asked by Web Push (repository/factors.h): first the
// challenge of its enrolment, then its key and where messages to it go.

/// Of a device that is not confirmed yet.
struct PushOffer {
  std::string challenge;   ///< 32 random bytes. Empty once an answer has spent it.
  std::string server_key;  ///< The point that it subscribes with; empty: of a program that did not note it.
};

/// Where messages to a browser go. [RFC 8030, RFC 8291]
struct PushSubscription {
  std::string endpoint;   ///< URL; whoever has it can send, with the key below.
  std::string point;      ///< `p256dh`, 65 bytes.
  std::string auth;       ///< 16 bytes.
  std::string vapid_key;  ///< The point of the key that it was subscribed with, 65 bytes.
};

/// Of one that is confirmed.
struct PushDevice {
  std::string public_key;                        ///< P-256, uncompressed, 65 bytes.
  std::optional<PushSubscription> subscription;  ///< nullopt: its push service said that it is over.
  domain::PromptHistory prompts;
  std::uint64_t used_day = 0;  ///< Days from 1970 to its last right answer; 0: none yet.
};

[[nodiscard]] std::string encode(const PushOffer& offer);
[[nodiscard]] std::string encode(const PushDevice& device);
/// nullopt for every other form, also those of other kinds of devices. Throw StoreFailure for what is broken.
[[nodiscard]] std::optional<PushOffer> decode_push_offer(std::string_view material);
[[nodiscard]] std::optional<PushDevice> decode_push_device(std::string_view material);

}  // namespace countersign::store
