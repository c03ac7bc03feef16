#include <utility>

#include "crypto/digest.h"
#include "webauthn/ceremony.h"
#include "webauthn/ceremony_steps.h"
#include "webauthn/sizes.h"
#include "webauthn/trust.h"

// WebAuthn L3, 7.1, "Registering a New Credential". Steps 1 to 4 are the browser's and response_json.h's.
namespace countersign::webauthn {

namespace {

using steps::Check;

/// Steps 7 to 11: what the browser says.
Check check_creation(const ClientData& client_data, const RegistrationExpectation& expected) {
  if (auto no = steps::check_type(client_data, "webauthn.create")) return no;
  if (auto no = steps::check_challenge(client_data, expected.challenge)) return no;
  if (auto no = steps::check_origin(client_data, expected.party)) return no;
  if (auto no = steps::check_cross_origin(client_data, expected.party)) return no;
  return steps::check_top_origin(client_data, expected.party);
}

/// Step 15: "If options.mediation is not set to conditional, verify that the UP bit of the flags in authData is set."
/// [WA-R12]
Check check_user_present(const AuthenticatorData& data, const RegistrationExpectation& expected) {
  return data.flags.user_present || expected.conditional ? Check() : Check(Refusal::kUserNotPresent);
}

/// Section 6.5.1: in a registration the credential is there. [WA-R15]
Check check_credential_present(const AuthenticatorData& data, const RegistrationResponse& response) {
  if (!data.credential) return Refusal::kCredentialDataMissing;
  // The browser names the credential once more; a difference would store one id and later ask for another.
  const bool same = response.id.empty() || data.credential->id == response.id;
  return same ? Check() : Check(Refusal::kResponseMalformed);
}

/// Steps 14 to 17: what the authenticator says. Steps 18 and 19 leave BE and BS to the caller: they are in the result.
Check check_authenticator(const AuthenticatorData& data, const RegistrationExpectation& expected,
                          const RegistrationResponse& response) {
  if (auto no = steps::check_rp_id_hash(data, expected.party.id)) return no;
  if (auto no = check_user_present(data, expected)) return no;
  if (auto no = steps::check_user_verified(data, expected.user_verification)) return no;
  if (auto no = steps::check_backup_bits(data)) return no;
  return check_credential_present(data, response);
}

/// Step 20: "Verify that the alg parameter in the credential public key in authData matches the alg attribute of one of
/// the items in pkOptions.pubKeyCredParams." [WA-R16]
Check check_algorithm(const PublicKey& key, const RegistrationExpectation& expected) {
  return steps::contains(expected.algorithms, key.algorithm()) ? Check() : Check(Refusal::kAlgorithmNotAllowed);
}

/// Step 24, the authenticator's model. [WA-R19]
Check check_aaguid(std::string_view aaguid, const AttestationPolicy& policy) {
  if (steps::contains(policy.aaguids_denied, aaguid)) return Refusal::kAuthenticatorDenied;
  if (policy.aaguids_allowed && !steps::contains(*policy.aaguids_allowed, aaguid)) return Refusal::kAuthenticatorDenied;
  return std::nullopt;
}

/// Steps 23 and 24: the trust anchors, and a path to one of them. Statements without a certificate have none.
Check check_trust(const VerifiedStatement& statement, std::string_view aaguid,
                  const RegistrationExpectation& expected) {
  const AttestationPolicy& policy = expected.attestation;
  if (!steps::contains(policy.accepted, statement.type)) return Refusal::kAttestationTypeNotAccepted;
  if (auto no = check_aaguid(aaguid, policy)) return no;
  if (!statement.chain.empty() && policy.against && policy.against(aaguid, statement.chain.front(), expected.now))
    return Refusal::kAuthenticatorDenied;
  if (statement.chain.empty() || !policy.anchors) return std::nullopt;
  const auto path = check_trust_path(statement.chain, policy.anchors(aaguid, statement.chain.front()), expected.now);
  return path ? Check() : Check(path.error());
}

/// Step 26: "Verify that the credentialId is not yet registered for any user." The unique key of the store decides;
/// this is for what the caller knows already. [WA-R20]
Check check_not_registered(std::string_view id, const RegistrationExpectation& expected) {
  return steps::contains(expected.registered_ids, id) ? Check(Refusal::kCredentialAlreadyRegistered) : Check();
}

/// Step 27: what a new credential record holds.
Registration record(const RegistrationResponse& response, ClientData client_data, const AttestationObject& object,
                    const AuthenticatorData& data, PublicKey key, VerifiedStatement statement,
                    const AttestationPolicy& policy) {
  const bool trusted = policy.anchors && !statement.chain.empty();
  return {.credential_id = std::string(data.credential->id),
          .public_key = std::string(data.credential->public_key),
          .key = std::move(key),
          .sign_count = data.sign_count,
          .flags = data.flags,
          .aaguid = std::string(data.credential->aaguid),
          .transports = response.transports,
          .attestation_format = std::string(object.format),
          .attestation_type = statement.type,
          .attestation_chain = std::move(statement.chain),
          .attestation_trusted = trusted,
          .origin = std::move(client_data.origin),
          .top_origin = std::move(client_data.top_origin).value_or("")};
}

}  // namespace

Result<Registration, Refusal> register_credential(const RegistrationExpectation& expected,
                                                  const RegistrationResponse& response) {
  if (response.attestation_object.size() > kAttestationObjectMax) return fail(Refusal::kResponseTooLarge);
  // Steps 5 and 6: "Let C be the result of running a JSON parser".
  auto client_data = parse_client_data(response.client_data);
  if (!client_data) return fail(client_data.error());
  if (const auto no = check_creation(*client_data, expected)) return fail(*no);
  // Step 12: "Let hash be the result of computing a hash over response.clientDataJSON using SHA-256."
  const std::string hash = crypto::sha256(response.client_data);
  // Step 13: "Perform CBOR decoding on the attestationObject".
  const auto object = parse_attestation_object(response.attestation_object);
  if (!object) return fail(object.error());
  const auto data = parse_authenticator_data(object->authenticator_data);
  if (!data) return fail(data.error());
  if (const auto no = check_authenticator(*data, expected, response)) return fail(*no);
  auto key = PublicKey::from_cose(data->credential->public_key);
  if (!key) return fail(key.error());
  if (const auto no = check_algorithm(*key, expected)) return fail(*no);
  // Steps 21 and 22: the procedure of the statement's format.
  auto statement = verify_statement({object->format, object->statement, *data, *key, hash});
  if (!statement) return fail(statement.error());
  if (const auto no = check_trust(*statement, data->credential->aaguid, expected)) return fail(*no);
  // Step 25, "Verify that the credentialId is ≤ 1023 bytes", is parse_authenticator_data's.
  if (const auto no = check_not_registered(data->credential->id, expected)) return fail(*no);
  // Step 28: extension outputs that nobody asked for are ignored, missing ones are no error. [WA-R22]
  return record(response, std::move(*client_data), *object, *data, std::move(*key), std::move(*statement),
                expected.attestation);
}

}  // namespace countersign::webauthn
