#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "store/repository/to_answer.h"
#include "usecase/problem.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// Passkeys of one transaction: each proof is kept with what was signed. One more proves nothing that the policy could
/// ask for: they are all of one kind.
inline constexpr std::size_t kSignedProofsMax = 4;
/// Challenges and wrong answers that a transaction takes: far more than a person needs, in any number of tabs.
inline constexpr std::uint64_t kChallengesOfATransaction = 32;
inline constexpr std::uint64_t kWrongAnswersOfATransaction = 50;
/// kTooManyProofs, and what to do instead.
[[nodiscard]] Problem enough_passkeys();

/// open_to_answer(), if a passkey may prove it. kMethodNotAllowed; kChannelUnavailable if the service has no passkeys.
struct ToProveByPasskey : store::ToAnswer {
  const PasskeySettings* settings = nullptr;  ///< Of its service; not null.
};
[[nodiscard]] Answer<ToProveByPasskey> open_to_passkey(const Work& work, const TransactionId& id,
                                                       const std::optional<FactorId>& factor);

/// A challenge for the passkeys of a transaction's subject.
struct PasskeyChallenge {
  std::string options;  ///< PublicKeyCredentialRequestOptionsJSON, for the browser unchanged.
  WallTime expires_at;
};

/// Gives out a challenge that is bound to what the transaction shows and holds, for the passkeys that count for it. It
/// is answered once, within five minutes, by check_passkey(), and nothing but that and its time ends it. Four of each
/// network (Caller::end_user) are open beside each other, sixteen in all, and kChallengesOfATransaction are made: all
/// for whom there is no room are given one that they share, which is written once. So nobody can end hers by asking,
/// nor use up what she may ask. [THR-5] As open_to_passkey(); kTooManyProofs; kFactorUnusable if the subject has none
/// there that the policy accepts, and kSourceDoesNotCount if none counts yet. [WA-R1, WA-A1]
[[nodiscard]] Answer<PasskeyChallenge> challenge_passkey(const Work& work, const TransactionId& id);

}  // namespace countersign::usecase
