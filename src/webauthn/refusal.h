#pragma once

#include <string_view>

namespace countersign::webauthn {

/// Why an answer of an authenticator is not accepted. For the audit log only: whoever sent the answer learns that it
/// was not accepted, and nothing else. [WA-A14]
enum class Refusal {
  // The message as such.
  kResponseMalformed,  ///< not the JSON of a credential, a member is missing, or not base64url
  kResponseTooLarge,
  // Client data.
  kClientDataMalformed,
  kWrongType,
  kWrongChallenge,
  kWrongOrigin,
  kCrossOriginNotAllowed,
  kWrongTopOrigin,
  // Authenticator data.
  kAttestationObjectMalformed,
  kAuthenticatorDataMalformed,
  kWrongRpId,
  kUserNotPresent,
  kUserNotVerified,
  kBackedUpWithoutEligibility,
  kCredentialDataMissing,
  kCredentialIdTooLong,
  // The credential's key.
  kKeyMalformed,
  kAlgorithmNotAllowed,
  kKeyTooWeak,
  // The attestation statement.
  kAttestationFormatUnknown,
  kAttestationStatementMalformed,
  kAttestationAlgorithmMismatch,  ///< the statement's algorithm is not that of the key it names
  kAttestationSignatureWrong,
  kAttestationCertificateMalformed,
  kAttestationCertificateUnfit,  ///< breaks a requirement of its format on version, subject, usage, or constraints
  kAttestationAaguidMismatch,    ///< the certificate is for another model of authenticator
  kAttestationKeyMismatch,       ///< the statement certifies another key than the credential's
  kAttestationContentMismatch,   ///< the statement is about another ceremony, or is not what its format requires
  // Trust.
  kAttestationTypeNotAccepted,
  kAttestationUntrusted,  ///< no path to a root
  kAttestationExpired,    ///< a path, but not at this time
  kAuthenticatorDenied,   ///< by AAGUID
  // The credential.
  kCredentialAlreadyRegistered,
  kCredentialNotAllowed,  ///< not in the allow list
  kCredentialUnknown,     ///< not the stored one
  kUserHandleMissing,
  kWrongUserHandle,
  kSignatureWrong,
  kBackupEligibilityChanged,
  kCounterWentBack,
};

/// A stable word for the audit log: "wrong_origin".
[[nodiscard]] std::string_view refusal_word(Refusal refusal);

}  // namespace countersign::webauthn
