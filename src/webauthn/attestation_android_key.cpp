#include <algorithm>
#include <utility>

#include "webauthn/android_key_description.h"
#include "webauthn/attestation.h"

// WebAuthn L3, 8.4, "Android Key Attestation Statement Format". [WA-F6]
namespace countersign::webauthn {

namespace {

constexpr std::string_view kKeyDescriptionExtension = "1.3.6.1.4.1.11129.2.1.17";
constexpr std::uint64_t kOriginGenerated = 0;  // KM_ORIGIN_GENERATED
constexpr std::uint64_t kPurposeSign = 2;      // KM_PURPOSE_SIGN

/// Step 2.
Result<Done, Refusal> check_android_signature(const AttestationInput& input, const Certificate& certificate) {
  const auto algorithm = read_alg(input.statement);
  if (!algorithm) return fail(algorithm.error());
  const auto signature = input.statement.bytes_at("sig");
  if (!signature) return fail(Refusal::kAttestationStatementMalformed);
  const auto key = certificate.key_for(*algorithm);
  if (!key) return fail(Refusal::kAttestationAlgorithmMismatch);
  if (!key->verify({input.data.bytes, input.client_data_hash}, *signature)) {
    return fail(Refusal::kAttestationSignatureWrong);
  }
  return Done{};
}

/// Step 5, first part: a key for all applications is not one for this relying party.
bool is_for_all_applications(const AndroidKeyDescription& description) {
  return description.software_enforced.all_applications || description.tee_enforced.all_applications;
}

/// Step 5, second part, over both lists: keys that only the operating system vouches for are accepted. Where both
/// lists name an origin, both must be right.
bool was_generated_in_place(const AndroidKeyDescription& description) {
  const auto& software = description.software_enforced.origin;
  const auto& tee = description.tee_enforced.origin;
  return (software || tee) && software.value_or(kOriginGenerated) == kOriginGenerated &&
         tee.value_or(kOriginGenerated) == kOriginGenerated;
}

bool may_sign(const AndroidKeyDescription& description) {
  const auto lists_it = [](const AndroidAuthorizations& list) {
    return std::ranges::find(list.purposes, kPurposeSign) != list.purposes.end();
  };
  return lists_it(description.software_enforced) || lists_it(description.tee_enforced);
}

/// Steps 4 and 5.
Result<Done, Refusal> check_key_description(const AttestationInput& input, const Certificate& certificate) {
  const auto extension = certificate.extension(kKeyDescriptionExtension);
  const auto description = extension ? read_android_key_description(extension->value) : std::nullopt;
  if (!description) return fail(Refusal::kAttestationCertificateUnfit);
  if (description->challenge != input.client_data_hash || is_for_all_applications(*description) ||
      !was_generated_in_place(*description) || !may_sign(*description)) {
    return fail(Refusal::kAttestationContentMismatch);
  }
  return Done{};
}

}  // namespace

Result<VerifiedStatement, Refusal> verify_android_key(const AttestationInput& input) {
  // Step 1.
  auto chain = read_x5c(input.statement);
  if (!chain) return fail(chain.error());
  const Certificate& certificate = chain->front();
  const auto signature = check_android_signature(input, certificate);
  if (!signature) return fail(signature.error());
  // Step 3.
  if (!certifies(certificate, input.key)) return fail(Refusal::kAttestationKeyMismatch);
  const auto description = check_key_description(input, certificate);
  if (!description) return fail(description.error());
  return VerifiedStatement{AttestationType::kBasic, std::move(*chain)};
}

}  // namespace countersign::webauthn
