#pragma once

#include <string>

#include "base/secret.h"
#include "usecase/context.h"
#include "usecase/problem.h"

namespace countersign::usecase {

struct Claim {
  SecretString payload;        ///< RFC 8785 form.
  std::string receipt_claims;  ///< To be signed: canonical JSON, the same every time.
  std::string fencing_token;
};

/// Hands the payload to the one claimer who comes first, and the same answer again to that claimer for as long as it
/// has not acknowledged. Anyone else is refused: there is never a second winner. Claimers are told apart by the API key
/// and `name`, the Idempotency-Key; empty where there is none. A winner of the version before, which went by the name
/// alone, is known by it. [TXN-6]
[[nodiscard]] Answer<Claim> claim(store::Tx& tx, const Context& context, const Caller& caller, const TransactionId& id,
                                  std::string_view name, Moment& moment);

/// The winner has the payload safe: the transaction is released and its data key destroyed. Repeating it is harmless.
[[nodiscard]] Answer<Done> acknowledge(store::Tx& tx, const Context& context, const Caller& caller,
                                       const TransactionId& id, std::string_view fencing_token, Moment& moment);

}  // namespace countersign::usecase
