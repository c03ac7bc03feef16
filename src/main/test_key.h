#pragma once

#include "crypto/digest.h"
#include "crypto/jws_key.h"

namespace countersign::app {

/// What receipts of test mode are signed with: a key of the kind that the live one is, which follows from the lookup
/// key. So it is the same on all nodes and after each start, and nothing leads from it to another key. [ADR 26]
[[nodiscard]] crypto::SigningKey test_signing_key(const crypto::Digester& digester, crypto::JwsAlgorithm algorithm);

}  // namespace countersign::app
