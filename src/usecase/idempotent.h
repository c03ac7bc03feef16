#pragma once

#include <optional>
#include <string>

#include "base/function_ref.h"
#include "store/repository/idempotency.h"
#include "usecase/context.h"
#include "usecase/outgoing.h"
#include "usecase/problem.h"

namespace countersign::usecase {

/// A request that carries an Idempotency-Key. `route` keeps equal keys on different calls apart, and a digest of the
/// body and of who calls tells a repetition from another request.
struct IdempotencyKey {
  std::string key;
  std::string route;
  std::string body;
};

struct Recorded {
  int http_status = 200;
  std::string body;
  /// To be handed over once this is durable. It is not kept: a repetition has none, and neither has the run of a unit
  /// that finds what another node answered meanwhile, whatever its run before had made.
  std::optional<QueuedMessage> queued{};
};

/// Runs `make` once per key: a repetition gets the answer of the first time, out of the database, in the same
/// transaction in which the first one wrote it. Only successes are kept; a refused request may be corrected and sent
/// again under its key. Another body under the same key is kIdempotencyMismatch, and so is another caller: answers
/// hold links and secrets that are for the one who asked, and a key of the account used twice is not carried out twice.
/// [API-2]
[[nodiscard]] Answer<Recorded> idempotent(store::Tx& tx, const Context& context, const Caller& caller,
                                          const std::optional<IdempotencyKey>& key, Moment& moment,
                                          FunctionRef<Answer<Recorded>()> make);

}  // namespace countersign::usecase
