#pragma once

#include <string>

#include "usecase/problem.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// A challenge for the passkeys of a transaction's subject.
struct PasskeyChallenge {
  std::string options;  ///< PublicKeyCredentialRequestOptionsJSON, for the browser unchanged.
  WallTime expires_at;
};

/// Gives out a challenge that is bound to what the transaction shows and holds, for the passkeys that count for it. It
/// is answered once, within five minutes, by check_passkey(). Of one transaction the newest four of each network
/// (Caller::end_user) are kept, sixteen in all.
/// kMethodNotAllowed; kChannelUnavailable if the service has no passkeys; kFactorUnusable if the subject has none there
/// that the policy accepts, and kSourceDoesNotCount if none counts yet. [WA-R1, WA-A1]
[[nodiscard]] Answer<PasskeyChallenge> challenge_passkey(const Work& work, const TransactionId& id);

}  // namespace countersign::usecase
