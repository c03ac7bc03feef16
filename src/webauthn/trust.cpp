#include "webauthn/trust.h"

namespace countersign::webauthn {

Result<Done, Refusal> check_trust_path(std::span<const Certificate> /*chain*/, std::span<const Certificate> /*anchors*/,
                                       WallTime /*at*/) {
  return fail(Refusal::kAttestationUntrusted);
}

}  // namespace countersign::webauthn
