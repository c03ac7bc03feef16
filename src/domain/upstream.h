#pragma once

#include <optional>
#include <string>

#include "base/id.h"
#include "domain/verification.h"

namespace countersign::domain {

// A provider that makes and checks codes itself keeps one pending verification for each address: a second start sends
// the same code once more, whatever it is for. So an address of a provider belongs to one verification of ours at a
// time, and another one begins only after that one was ended there (docs/adr/0020).

/// Whose an address at a provider is.
struct UpstreamClaim {
  AccountId account;
  SubjectId subject;
  TransactionId transaction;
  VerificationId verification;
  bool proved = false;                      ///< The subject had proved the address when it began.
  std::optional<std::string> provider_ref;  ///< What is pending there, once the provider has said so.
  /// Until when a request for this verification may still be on its way; nothing while none is.
  std::optional<WallTime> calling_until;
  WallTime expires_at;  ///< The verification's.
};

enum class UpstreamTurn : std::uint8_t {
  kOwn,     ///< The address is this verification's already: it is sent once more.
  kNext,    ///< Whoever had it is done: what may still be pending there is ended first.
  kNewer,   ///< The one that has it ends by this one, here and then there.
  kNotYet,  ///< Another one has it, or a request is on its way.
};

/// Whether `wanted` may begin where `claim` is. `claim_pending`: its verification still waits for a code.
///
/// The same subject's newer one ends the older. Another subject's waits, unless it has proved the address and the one
/// that has it has not: nobody keeps a person from her own number. While a request is on its way nobody begins, because
/// it would be answered with the code of whatever is pending when it arrives.
[[nodiscard]] UpstreamTurn upstream_turn(const UpstreamClaim& claim, bool claim_pending, const UpstreamClaim& wanted,
                                         WallTime now);

/// Ended by a newer one to the same address.
[[nodiscard]] Verification superseded(Verification v);

}  // namespace countersign::domain
