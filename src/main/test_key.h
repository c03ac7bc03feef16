#pragma once

#include "crypto/digest.h"
#include "crypto/signing_keys.h"

namespace countersign::app {

/// What receipts of test mode are signed with beside these live keys: a key of the kind that the live one is, which
/// follows from the lookup key. So it is the same on all nodes and after each start, and nothing leads from it to
/// another key. [ADR 26] Where a live key of the other kind is published, its counterpart is published too: while the
/// kind changes, nodes that sign with one and with the other are asked for either.
[[nodiscard]] crypto::SigningKeySet test_signing_keys(const crypto::Digester& digester,
                                                      const crypto::SigningKeySet& live);

}  // namespace countersign::app
