#pragma once

#include <span>

#include "base/result.h"
#include "base/time.h"
#include "webauthn/certificate.h"
#include "webauthn/refusal.h"

namespace countersign::webauthn {

/// Whether a path leads from `chain[0]` (the attestation certificate) to one of `anchors`, over the other certificates
/// of `chain` in any order, with every signature, date (at `at`) and basic constraint right. A certificate that is
/// itself an anchor is a path. No revocation is asked for: that is the metadata's business. Errors:
/// kAttestationUntrusted, kAttestationExpired. [WA-R19]
[[nodiscard]] Result<Done, Refusal> check_trust_path(std::span<const Certificate> chain,
                                                     std::span<const Certificate> anchors, WallTime at);

}  // namespace countersign::webauthn
