#pragma once

#include <span>

#include "base/result.h"
#include "base/time.h"
#include "webauthn/certificate.h"
#include "webauthn/refusal.h"

namespace countersign::webauthn {

/// Whether a path leads from `chain[0]` (the attestation certificate) to one of `anchors`, over the other certificates
/// of `chain` in any order, with every signature, date (at `at`) and basic constraint right. An anchor need not be a
/// root: it can be an intermediate certificate, or `chain[0]` itself (FIDO Metadata Statement,
/// attestationRootCertificates), and is itself in date. Refused on the path: SHA-1 and MD5, RSA below 2048 bits, curves
/// below 224 bits, and critical extensions that are not understood. The machine's own roots play no part. No revocation
/// is asked for: that is the metadata's business. Errors: kAttestationExpired where dates alone are wrong,
/// kAttestationUntrusted. [WA-R19]
[[nodiscard]] Result<Done, Refusal> check_trust_path(std::span<const Certificate> chain,
                                                     std::span<const Certificate> anchors, WallTime at);

}  // namespace countersign::webauthn
