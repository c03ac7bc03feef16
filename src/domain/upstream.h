#pragma once

#include <optional>
#include <string>

#include "base/id.h"
#include "domain/verification.h"

namespace countersign::domain {

// A provider that makes and checks codes itself keeps one pending verification per address: a second start sends the
// same code again, whatever it is for. So an address at a provider belongs to one of our verifications at a time, and
// another begins only after that one was ended there (docs/adr/0020).

/// Which verification owns an address at a provider.
struct UpstreamClaim {
  AccountId account;
  SubjectId subject;
  TransactionId transaction;
  VerificationId verification;
  bool proved = false;                      ///< The subject had proved the address before it began.
  std::optional<std::string> provider_ref;  ///< The provider's reference for what is pending there, once known.
  /// Until when a request for this verification may be in flight; nullopt if none is.
  std::optional<WallTime> calling_until;
  WallTime expires_at;  ///< Expiry of the verification.
};

enum class UpstreamTurn : std::uint8_t {
  kOwn,     ///< This verification owns the address: send again.
  kNext,    ///< The previous owner is done: end what may be pending at the provider first.
  kNewer,   ///< Replaces the owner: end it here, then at the provider.
  kNotYet,  ///< Another verification owns it, or a request is in flight.
};

/// Whether `wanted` may begin while `claim` owns the address. `claim_pending`: the owner still waits for a code.
///
/// A newer verification of the same subject replaces the older one. Another subject's waits, unless it has proved the
/// address and the owner has not: nobody can block a person's own number. While a request is in flight none begins,
/// because the provider would send the code of whatever is pending when the request arrives.
[[nodiscard]] UpstreamTurn upstream_turn(const UpstreamClaim& claim, bool claim_pending, const UpstreamClaim& wanted,
                                         WallTime now);

}  // namespace countersign::domain
