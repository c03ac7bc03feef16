#pragma once

#include <vector>

#include "domain/standing/history.h"
#include "store/repository/factors.h"
#include "store/repository/passkey_material.h"
#include "store/repository/transactions.h"
#include "usecase/subject/standing.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// A passkey that the policy of a transaction accepts, and whether it counts for it yet.
struct PasskeyFor {
  store::FactorRow factor;
  store::PasskeyRecord record;
  domain::standing::Counts counts;
};

/// Those of the subject, newest first. Not the ones of another RP ID or service, of models that are revoked or
/// compromised, those that can be copied where the policy wants them bound to a device, and, in an operation, those
/// that may not answer it. [STD-4, STD-11, WA-A1]
[[nodiscard]] std::vector<PasskeyFor> passkeys_for(store::Tx& tx, const Context& context,
                                                   const store::TransactionRow& row,
                                                   const domain::standing::History& history,
                                                   const PasskeySettings& settings, WallTime now);

/// What those passkeys are asked for where the policy requires no verified person: what the service says. Only where it
/// discourages that, and none of them is known to verify the person, it is preferred until one has: a security key that
/// got its PIN later could never be learned to have one, and approves no change of the person's methods without.
/// [STD-4]
[[nodiscard]] webauthn::UserVerification verification_to_ask(const PasskeySettings& settings, bool one_has_verified);

}  // namespace countersign::usecase
