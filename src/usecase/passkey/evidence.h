#pragma once

#include <string_view>

#include "base/json.h"
#include "store/repository/ceremonies.h"

namespace countersign::usecase {

/// A COSE_Key as a JSON Web Key (RFC 7517, RFC 8037), with its `alg` as JOSE names it. Empty for bytes that are no key.
[[nodiscard]] json::object jwk_of(std::string_view cose_key);

/// What a passkey signed, as a receipt says it: everything by which anybody can check the signature.
/// docs/passkeys.md has a checker.
[[nodiscard]] json::object evidence_of(const store::SignedProof& proof);

}  // namespace countersign::usecase
