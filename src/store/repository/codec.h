#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/policy.h"

namespace countersign::store {

// Text format of policies and proofs in a transaction's row: readable for people in the database, and parsed without
// JSON, because every check does it. codec.cpp has the grammar.

[[nodiscard]] std::string encode_policy(const domain::Policy& policy);
[[nodiscard]] domain::Policy decode_policy(std::string_view text);

[[nodiscard]] std::string encode_proofs(const std::vector<domain::Proof>& proofs);
[[nodiscard]] std::vector<domain::Proof> decode_proofs(std::string_view text);

}  // namespace countersign::store
