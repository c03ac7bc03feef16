#include <string>
#include <utility>

#include "crypto/digest.h"
#include "webauthn/attestation.h"
#include "webauthn/der.h"

// WebAuthn L3, 8.8, "Apple Anonymous Attestation Statement Format". The certificate itself is issued for one ceremony,
// so there is no other signature. [WA-F7]
namespace countersign::webauthn {

namespace {

constexpr std::string_view kNonceExtension = "1.2.840.113635.100.8.2";

/// Steps 2 and 3.
std::string apple_nonce(const AttestationInput& input) {
  return crypto::sha256(std::string(input.data.bytes).append(input.client_data_hash));
}

/// What the certificate was issued for: SEQUENCE { [1] EXPLICIT OCTET STRING }.
std::optional<std::string> certified_nonce(const Certificate& certificate) {
  const auto extension = certificate.extension(kNonceExtension);
  const auto sequence = extension ? der::only_element(extension->value) : std::nullopt;
  if (!sequence || !sequence->is(der::kSequence)) return std::nullopt;
  const auto tagged = der::only_element(sequence->content);
  if (!tagged || !tagged->is_explicit(1)) return std::nullopt;
  const auto nonce = der::only_element(tagged->content);
  if (!nonce || !nonce->is(der::kOctetString)) return std::nullopt;
  return std::string(nonce->content);
}

}  // namespace

Result<VerifiedStatement, Refusal> verify_apple(const AttestationInput& input) {
  // Step 1.
  auto chain = read_x5c(input.statement);
  if (!chain) return fail(chain.error());
  const Certificate& certificate = chain->front();
  // Step 4.
  const auto nonce = certified_nonce(certificate);
  if (!nonce) return fail(Refusal::kAttestationCertificateUnfit);
  if (*nonce != apple_nonce(input)) return fail(Refusal::kAttestationContentMismatch);
  // Step 5.
  if (!certifies(certificate, input.key)) return fail(Refusal::kAttestationKeyMismatch);
  // Step 6.
  return VerifiedStatement{AttestationType::kAnonCa, std::move(*chain)};
}

}  // namespace countersign::webauthn
