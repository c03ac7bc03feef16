#pragma once

#include <string>

#include "base/secret.h"
#include "usecase/problem.h"
#include "usecase/work.h"

namespace countersign::usecase {

struct Claim {
  SecretString payload;        ///< RFC 8785 form.
  std::string receipt_claims;  ///< For the signature: canonical JSON, the same every time.
  std::string fencing_token;
};

/// Gives the payload to the first claimer only, and repeats the answer to that claimer until it acknowledges. Everybody
/// else is refused: there is never a second winner. A claimer is identified by its API key and `name`, the
/// Idempotency-Key (empty if absent). A winner recorded by the version before is identified by its name only. [TXN-6]
[[nodiscard]] Answer<Claim> claim(const Work& work, const TransactionId& id, std::string_view name);

/// The winner has stored the payload: the transaction is released and its data key destroyed. Idempotent.
[[nodiscard]] Answer<Done> acknowledge(const Work& work, const TransactionId& id, std::string_view fencing_token);

}  // namespace countersign::usecase
