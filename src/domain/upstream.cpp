#include "domain/upstream.h"

namespace countersign::domain {

UpstreamTurn upstream_turn(const UpstreamClaim& claim, bool claim_pending, const UpstreamClaim& wanted, WallTime now) {
  const bool own = claim.account == wanted.account && claim.verification == wanted.verification;
  const bool calling = claim.calling_until && now < *claim.calling_until;
  // A second request for the same message is harmless once the provider has returned a reference for it.
  if (own) return calling && !claim.provider_ref ? UpstreamTurn::kNotYet : UpstreamTurn::kOwn;
  if (calling) return UpstreamTurn::kNotYet;
  if (!claim_pending) return UpstreamTurn::kNext;
  if (claim.account != wanted.account) return UpstreamTurn::kNotYet;
  const bool stronger = wanted.proved && !claim.proved;
  return claim.subject == wanted.subject || stronger ? UpstreamTurn::kNewer : UpstreamTurn::kNotYet;
}

}  // namespace countersign::domain
