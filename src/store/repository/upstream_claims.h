#pragma once

#include <optional>
#include <string_view>

#include "domain/upstream.h"
#include "store/tx.h"

namespace countersign::store {

/// Whose the address is, for somebody who is about to take it: a row that is there is locked until the end of the
/// transaction. `upstream` and `address_index` together are the key.
[[nodiscard]] std::optional<domain::UpstreamClaim> find_upstream_claim(Tx& tx, std::string_view upstream,
                                                                       std::string_view address_index);
/// Gives the address to `claim`, whoever had it.
void save_upstream_claim(Tx& tx, std::string_view upstream, std::string_view address_index,
                         const domain::UpstreamClaim& claim);

/// What the verification has there; nothing once another one has the address.
[[nodiscard]] std::optional<domain::UpstreamClaim> upstream_claim_of(Tx& tx, std::string_view upstream,
                                                                     const AccountId& account,
                                                                     const VerificationId& verification);

/// A request for the verification begins. False: it has no address there.
[[nodiscard]] bool begin_upstream_call(Tx& tx, std::string_view upstream, const AccountId& account,
                                       const VerificationId& verification, WallTime calling_until);
/// The request that was to be over by `calling_until` is. `provider_ref`: what it made; absent: nothing that is known.
/// False: a later request has begun since, or another verification has the address; nothing was written.
[[nodiscard]] bool end_upstream_call(Tx& tx, std::string_view upstream, const AccountId& account,
                                     const VerificationId& verification, WallTime calling_until,
                                     const std::optional<std::string>& provider_ref);

}  // namespace countersign::store
