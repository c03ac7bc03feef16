#include "webauthn/attestation.h"

namespace countersign::webauthn {

Result<VerifiedStatement, Refusal> verify_apple(const AttestationInput& /*input*/) {
  return fail(Refusal::kAttestationFormatUnknown);
}

}  // namespace countersign::webauthn
