#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/time.h"
#include "store/repository/push_material.h"

namespace countersign::usecase {

/// A prompt on its way to one device.
struct QueuedPush {
  AccountId account;
  SubjectId subject;
  FactorId factor;
  store::PushSubscription to;
  std::string text;   ///< A declarative message (docs/push.md); nothing in it is private.
  std::string topic;  ///< Replaces what waits at the push service with the same. [PUSH-4]
  WallTime until;     ///< The end of the prompt, exclusive.
};

/// Where prompts go once they are durable.
class PushOutbox {
 public:
  PushOutbox() = default;
  PushOutbox(const PushOutbox&) = delete;
  PushOutbox& operator=(const PushOutbox&) = delete;
  virtual ~PushOutbox() = default;

  /// Thread-safe; must not block or throw. A prompt that does not arrive is asked for again: nothing is stored of it.
  virtual void send(std::vector<QueuedPush> pushes) = 0;
};

}  // namespace countersign::usecase
