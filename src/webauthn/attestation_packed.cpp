#include <algorithm>
#include <utility>

#include "webauthn/attestation.h"

// WebAuthn L3, 8.2, "Packed Attestation Statement Format".
namespace countersign::webauthn {

namespace {

constexpr const char* kCountry = "2.5.4.6";
constexpr const char* kOrganization = "2.5.4.10";
constexpr const char* kOrganizationalUnit = "2.5.4.11";
constexpr const char* kCommonName = "2.5.4.3";

/// Exactly one value: of two, a reader might look at either.
bool has_one(const Certificate& certificate, const char* oid) {
  const auto values = certificate.subject(oid);
  return values.size() == 1 && !values.front().empty();
}

bool is_country(std::string_view text) {
  return text.size() == 2 && std::ranges::all_of(text, [](char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; });
}

/// 8.2.1, "Certificate Requirements for Packed Attestation Statements".
bool meets_requirements(const Certificate& certificate) {
  const auto country = certificate.subject(kCountry);
  const auto unit = certificate.subject(kOrganizationalUnit);
  return certificate.version() == 3 && country.size() == 1 && is_country(country.front()) &&
         has_one(certificate, kOrganization) && unit.size() == 1 && unit.front() == "Authenticator Attestation" &&
         has_one(certificate, kCommonName) && certificate.ca() == false;
}

/// "If x5c is present". [WA-F3]
Result<VerifiedStatement, Refusal> verify_with_certificate(const AttestationInput& input, Algorithm algorithm,
                                                           std::string_view signature) {
  auto chain = read_x5c(input.statement);
  if (!chain) return fail(chain.error());
  const Certificate& certificate = chain->front();
  const auto key = certificate.key_for(algorithm);
  if (!key) return fail(Refusal::kAttestationAlgorithmMismatch);
  if (!key->verify({input.data.bytes, input.client_data_hash}, signature)) {
    return fail(Refusal::kAttestationSignatureWrong);
  }
  if (!meets_requirements(certificate)) return fail(Refusal::kAttestationCertificateUnfit);
  const auto aaguid = check_aaguid_extension(certificate, input.data);
  if (!aaguid) return fail(aaguid.error());
  return VerifiedStatement{AttestationType::kBasic, std::move(*chain)};
}

/// "If x5c is not present, self attestation is in use." [WA-F2]
Result<VerifiedStatement, Refusal> verify_self(const AttestationInput& input, Algorithm algorithm,
                                               std::string_view signature) {
  if (algorithm != input.key.algorithm()) return fail(Refusal::kAttestationAlgorithmMismatch);
  if (!input.key.verify({input.data.bytes, input.client_data_hash}, signature)) {
    return fail(Refusal::kAttestationSignatureWrong);
  }
  return VerifiedStatement{AttestationType::kSelf, {}};
}

}  // namespace

Result<VerifiedStatement, Refusal> verify_packed(const AttestationInput& input) {
  const auto algorithm = read_alg(input.statement);
  if (!algorithm) return fail(algorithm.error());
  const auto signature = input.statement.bytes_at("sig");
  if (!signature) return fail(Refusal::kAttestationStatementMalformed);
  if (input.statement.find("x5c") != nullptr) return verify_with_certificate(input, *algorithm, *signature);
  return verify_self(input, *algorithm, *signature);
}

}  // namespace countersign::webauthn
