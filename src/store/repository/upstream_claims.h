#pragma once

#include <optional>
#include <string_view>

#include "domain/upstream.h"
#include "store/tx.h"

namespace countersign::store {

/// The owner of the address, for a caller that is about to take it: an existing row is locked until the end of the
/// transaction. `upstream` and `address_index` together are the key.
[[nodiscard]] std::optional<domain::UpstreamClaim> find_upstream_claim(Tx& tx, std::string_view upstream,
                                                                       std::string_view address_index);
/// Gives the address to `claim`, replacing any owner.
void save_upstream_claim(Tx& tx, std::string_view upstream, std::string_view address_index,
                         const domain::UpstreamClaim& claim);

/// The verification's claim there; nullopt once another one has the address.
[[nodiscard]] std::optional<domain::UpstreamClaim> upstream_claim_of(Tx& tx, std::string_view upstream,
                                                                     const AccountId& account,
                                                                     const VerificationId& verification);

/// Records that a request for the verification begins. False: it has no address there.
[[nodiscard]] bool begin_upstream_call(Tx& tx, std::string_view upstream, const AccountId& account,
                                       const VerificationId& verification, WallTime calling_until);
/// Ends the request that was recorded with `calling_until`. `provider_ref`: what it created; absent: unknown. False,
/// with nothing written: a later request has begun since, or another verification has the address.
[[nodiscard]] bool end_upstream_call(Tx& tx, std::string_view upstream, const AccountId& account,
                                     const VerificationId& verification, WallTime calling_until,
                                     const std::optional<std::string>& provider_ref);

}  // namespace countersign::store
