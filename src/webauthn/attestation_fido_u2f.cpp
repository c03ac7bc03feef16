#include <string_view>
#include <utility>

#include "webauthn/attestation.h"

// WebAuthn L3, 8.6, "FIDO U2F Attestation Statement Format". [WA-F4]
namespace countersign::webauthn {

Result<VerifiedStatement, Refusal> verify_fido_u2f(const AttestationInput& input) {
  using namespace std::string_view_literals;
  const auto signature = input.statement.bytes_at("sig");
  if (!signature) return fail(Refusal::kAttestationStatementMalformed);
  // Step 2: exactly one certificate, with a key on P-256.
  auto chain = read_x5c(input.statement);
  if (!chain) return fail(chain.error());
  if (chain->size() != 1) return fail(Refusal::kAttestationStatementMalformed);
  const auto key = chain->front().key_for(Algorithm::kEs256);
  if (!key) return fail(Refusal::kAttestationCertificateUnfit);
  // Steps 3 and 4: the credential's key as U2F wrote it, 04, x, y.
  if (input.key.algorithm() != Algorithm::kEs256) return fail(Refusal::kAttestationAlgorithmMismatch);
  // Steps 5 and 6: what a U2F device signs at its registration.
  const auto reserved = "\0"sv;
  if (!key->verify(
          {reserved, input.data.rp_id_hash, input.client_data_hash, input.data.credential->id, input.key.point()},
          *signature)) {
    return fail(Refusal::kAttestationSignatureWrong);
  }
  return VerifiedStatement{AttestationType::kBasic, std::move(*chain)};
}

}  // namespace countersign::webauthn
