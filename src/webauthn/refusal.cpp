#include "webauthn/refusal.h"

#include "base/check.h"

namespace countersign::webauthn {

std::string_view refusal_word(Refusal refusal) {
  switch (refusal) {
    case Refusal::kResponseMalformed:
      return "response_malformed";
    case Refusal::kResponseTooLarge:
      return "response_too_large";
    case Refusal::kClientDataMalformed:
      return "client_data_malformed";
    case Refusal::kWrongType:
      return "wrong_type";
    case Refusal::kWrongChallenge:
      return "wrong_challenge";
    case Refusal::kWrongOrigin:
      return "wrong_origin";
    case Refusal::kCrossOriginNotAllowed:
      return "cross_origin_not_allowed";
    case Refusal::kWrongTopOrigin:
      return "wrong_top_origin";
    case Refusal::kAttestationObjectMalformed:
      return "attestation_object_malformed";
    case Refusal::kAuthenticatorDataMalformed:
      return "authenticator_data_malformed";
    case Refusal::kWrongRpId:
      return "wrong_rp_id";
    case Refusal::kUserNotPresent:
      return "user_not_present";
    case Refusal::kUserNotVerified:
      return "user_not_verified";
    case Refusal::kBackedUpWithoutEligibility:
      return "backed_up_without_eligibility";
    case Refusal::kCredentialDataMissing:
      return "credential_data_missing";
    case Refusal::kCredentialIdTooLong:
      return "credential_id_too_long";
    case Refusal::kKeyMalformed:
      return "key_malformed";
    case Refusal::kAlgorithmNotAllowed:
      return "algorithm_not_allowed";
    case Refusal::kKeyTooWeak:
      return "key_too_weak";
    case Refusal::kAttestationFormatUnknown:
      return "attestation_format_unknown";
    case Refusal::kAttestationStatementMalformed:
      return "attestation_statement_malformed";
    case Refusal::kAttestationAlgorithmMismatch:
      return "attestation_algorithm_mismatch";
    case Refusal::kAttestationSignatureWrong:
      return "attestation_signature_wrong";
    case Refusal::kAttestationCertificateMalformed:
      return "attestation_certificate_malformed";
    case Refusal::kAttestationCertificateUnfit:
      return "attestation_certificate_unfit";
    case Refusal::kAttestationAaguidMismatch:
      return "attestation_aaguid_mismatch";
    case Refusal::kAttestationKeyMismatch:
      return "attestation_key_mismatch";
    case Refusal::kAttestationContentMismatch:
      return "attestation_content_mismatch";
    case Refusal::kAttestationTypeNotAccepted:
      return "attestation_type_not_accepted";
    case Refusal::kAttestationUntrusted:
      return "attestation_untrusted";
    case Refusal::kAttestationExpired:
      return "attestation_expired";
    case Refusal::kAuthenticatorDenied:
      return "authenticator_denied";
    case Refusal::kCredentialAlreadyRegistered:
      return "credential_already_registered";
    case Refusal::kCredentialNotAllowed:
      return "credential_not_allowed";
    case Refusal::kCredentialUnknown:
      return "credential_unknown";
    case Refusal::kUserHandleMissing:
      return "user_handle_missing";
    case Refusal::kWrongUserHandle:
      return "wrong_user_handle";
    case Refusal::kSignatureWrong:
      return "signature_wrong";
    case Refusal::kBackupEligibilityChanged:
      return "backup_eligibility_changed";
    case Refusal::kCounterWentBack:
      return "counter_went_back";
  }
  CS_CHECK(false);
}

}  // namespace countersign::webauthn
