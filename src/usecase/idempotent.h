#pragma once

#include <optional>
#include <string>

#include "base/function_ref.h"
#include "store/repository/idempotency.h"
#include "usecase/context.h"
#include "usecase/problem.h"

namespace countersign::usecase {

/// A request that carries an Idempotency-Key. Keys belong to the account; `route` keeps equal keys on different calls
/// apart, and the digest of the body tells a repetition from another request.
struct IdempotencyKey {
  std::string key;
  std::string route;
  std::string body;
};

struct Recorded {
  int http_status = 200;
  std::string body;
};

/// Runs `make` once per key: a repetition gets the answer of the first time, out of the database, in the same
/// transaction in which the first one wrote it. Only successes are kept; a refused request may be corrected and sent
/// again under its key. Another body under the same key is kIdempotencyMismatch. [API-2]
[[nodiscard]] Answer<Recorded> idempotent(store::Tx& tx, const Context& context, const Caller& caller,
                                          const std::optional<IdempotencyKey>& key, Moment& moment,
                                          FunctionRef<Answer<Recorded>()> make);

}  // namespace countersign::usecase
