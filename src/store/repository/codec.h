#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/policy.h"

namespace countersign::store {

// Policies and proofs as they stand in a transaction's row: words that a person can read in the database, and that are
// read back without a JSON parser, because every check does it.
//   policy:  any_of=sms,totp min_kinds=1 totp_alone=1 …
//   proofs:  one line each: sms <source in hex> <microseconds> <contact in hex, or -> <how it counted> <since> [<of>]
// Proofs from before sources had a history end after the microseconds with `established` or `fresh`. The first kind is
// read with the contact's id as source and nothing said about how it counted; the second kind proved nothing, and is
// left out.

[[nodiscard]] std::string encode_policy(const domain::Policy& policy);
[[nodiscard]] domain::Policy decode_policy(std::string_view text);

[[nodiscard]] std::string encode_proofs(const std::vector<domain::Proof>& proofs);
[[nodiscard]] std::vector<domain::Proof> decode_proofs(std::string_view text);

}  // namespace countersign::store
