#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "webauthn/authenticator_data.h"
#include "webauthn/cbor.h"
#include "webauthn/certificate.h"
#include "webauthn/public_key.h"
#include "webauthn/refusal.h"

// WebAuthn L3, sections 6.5 and 8: what an authenticator says of itself, and who vouches for it.
namespace countersign::webauthn {

/// Who signed the statement (6.5.3).
enum class AttestationType {
  kNone,
  kSelf,    ///< the credential's own key
  kBasic,   ///< a certificate of the model, or of the authenticator itself: formats do not let these be told apart
  kAttCa,   ///< a certificate that a CA issued for one key of the authenticator (TPM)
  kAnonCa,  ///< a certificate that a CA issued for this credential (Apple)
};

/// "none", "self", "basic", "attca", "anonca".
[[nodiscard]] std::string_view attestation_type_name(AttestationType type);

/// The three members of an attestation object (6.5.4). Views into its bytes.
struct AttestationObject {
  std::string_view format;
  CborItem statement;  ///< a map
  std::string_view authenticator_data;
};

/// Exactly one CBOR map with `fmt`, `attStmt` and `authData`; other members are ignored.
/// Error: kAttestationObjectMalformed. [WA-R10]
[[nodiscard]] Result<AttestationObject, Refusal> parse_attestation_object(std::string_view bytes);

/// What a format's procedure looks at. References last for the call.
struct AttestationInput {
  std::string_view format;
  const CborItem& statement;          ///< a map
  const AuthenticatorData& data;      ///< with its credential
  const PublicKey& key;               ///< the credential's
  std::string_view client_data_hash;  ///< SHA-256 of the client data as received
};

struct VerifiedStatement {
  AttestationType type;
  std::vector<Certificate> chain;  ///< the attestation certificate first; empty for none and self
};

/// Runs the verification procedure of the statement's format (7.1 step 22). Format names are compared exactly. Whether
/// the signer is trusted is a later question: trust.h. [WA-R17, WA-R18]
[[nodiscard]] Result<VerifiedStatement, Refusal> verify_statement(const AttestationInput& input);

// One procedure for each format, each in its own file.
using VerifyFormat = Result<VerifiedStatement, Refusal>(const AttestationInput& input);
VerifyFormat verify_none;         ///< 8.7 [WA-F1]
VerifyFormat verify_packed;       ///< 8.2 [WA-F2, WA-F3]
VerifyFormat verify_fido_u2f;     ///< 8.6 [WA-F4]
VerifyFormat verify_tpm;          ///< 8.3 [WA-F5]
VerifyFormat verify_android_key;  ///< 8.4 [WA-F6]
VerifyFormat verify_apple;        ///< 8.8 [WA-F7]

// What several formats share.

/// `x5c`: an array of one to eight certificates. kAttestationStatementMalformed for another shape,
/// kAttestationCertificateMalformed for a member that is no certificate.
[[nodiscard]] Result<std::vector<Certificate>, Refusal> read_x5c(const CborItem& statement);

/// `alg` as one of ours; kAttestationStatementMalformed if it is missing, kAlgorithmNotAllowed for another number.
[[nodiscard]] Result<Algorithm, Refusal> read_alg(const CborItem& statement);

/// The extension id-fido-gen-ce-aaguid (1.3.6.1.4.1.45724.1.1.4), if the certificate has it, is not critical and holds
/// the AAGUID of `data`. kAttestationCertificateUnfit, kAttestationAaguidMismatch.
[[nodiscard]] Result<Done, Refusal> check_aaguid_extension(const Certificate& certificate,
                                                           const AuthenticatorData& data);

/// Whether the certificate's key is the credential's.
[[nodiscard]] bool certifies(const Certificate& certificate, const PublicKey& credential_key);

}  // namespace countersign::webauthn
