#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/function_ref.h"
#include "store/repository/idempotency.h"
#include "usecase/problem.h"
#include "usecase/queued_message.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// The Idempotency-Key of a request. `route` separates equal keys on different calls. A digest of the body and of the
/// caller distinguishes a repetition from another request.
struct IdempotencyKey {
  std::string key;
  std::string route;
  std::string body;
  /// What makes the answer runs beside other units (store/tx.h), so looking for an answer may, too. Else two such units
  /// of one commit have begun when both want to be alone, and wait for each other.
  bool beside = false;
};

struct Recorded {
  int http_status = 200;
  std::string body;
  /// To hand over after the commit. Not stored: a repetition has none, nor does a rerun of the unit that finds an
  /// answer another node wrote in the meantime, whatever the earlier run made.
  std::unique_ptr<QueuedMessage> queued{};
};

/// Runs `make` once per key and stores its answer in the same transaction; a repetition gets the stored answer. Only
/// successes are stored: a client may correct a refused request and send it again under the same key.
/// kIdempotencyMismatch for another body or another caller under the same key: answers hold links and secrets for one
/// caller, and a key of the account used twice is not executed twice. [API-2]
[[nodiscard]] Answer<Recorded> idempotent(const Work& work, const std::optional<IdempotencyKey>& key,
                                          FunctionRef<Answer<Recorded>()> make);

/// Whether there is an answer for the key, of whichever request. On a snapshot, for whoever would have to do something
/// that costs before the first.
[[nodiscard]] bool was_answered(const Work& work, const IdempotencyKey& key);

}  // namespace countersign::usecase
