#include "domain/upstream.h"

namespace countersign::domain {

UpstreamTurn upstream_turn(const UpstreamClaim& claim, bool claim_pending, const UpstreamClaim& wanted, WallTime now) {
  const bool own = claim.account == wanted.account && claim.verification == wanted.verification;
  const bool calling = claim.calling_until && now < *claim.calling_until;
  // A second request for the same sending is harmless where the provider has named what it would send again.
  if (own) return calling && !claim.provider_ref ? UpstreamTurn::kNotYet : UpstreamTurn::kOwn;
  if (calling) return UpstreamTurn::kNotYet;
  if (!claim_pending) return UpstreamTurn::kNext;
  if (claim.account != wanted.account) return UpstreamTurn::kNotYet;
  const bool stronger = wanted.proved && !claim.proved;
  return claim.subject == wanted.subject || stronger ? UpstreamTurn::kNewer : UpstreamTurn::kNotYet;
}

Verification superseded(Verification v) {
  v.status = VerificationStatus::kCanceled;
  v.code.reset();
  v.previous_code.reset();
  return v;
}

}  // namespace countersign::domain
