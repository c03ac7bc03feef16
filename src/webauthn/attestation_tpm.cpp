#include "webauthn/attestation.h"

namespace countersign::webauthn {

Result<VerifiedStatement, Refusal> verify_tpm(const AttestationInput& /*input*/) {
  return fail(Refusal::kAttestationFormatUnknown);
}

}  // namespace countersign::webauthn
