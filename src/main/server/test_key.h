#pragma once

#include "crypto/digest.h"
#include "crypto/signing_keys.h"

namespace countersign::main {

/// The signing keys of test mode for these live keys: of the live key's type, derived from the lookup key. So they are
/// the same on all nodes and after each start, and do not reveal any other key. [ADR 26] If a live key of the other
/// type is published, so is its counterpart: while the type changes, nodes sign with either.
[[nodiscard]] crypto::SigningKeySet test_signing_keys(const crypto::Digester& digester,
                                                      const crypto::SigningKeySet& live);

}  // namespace countersign::main
