#include <utility>

#include "crypto/digest.h"
#include "webauthn/ceremony.h"
#include "webauthn/ceremony_steps.h"
#include "webauthn/sizes.h"

// WebAuthn L3, 7.2, "Verifying an Authentication Assertion". Steps 1 to 4 are the browser's and response_json.h's.
namespace countersign::webauthn {

namespace {

using steps::Check;

/// Step 5: "If options.allowCredentials is not empty, verify that credential.id identifies one of the public key
/// credentials listed". [WA-A2]
Check check_allowed(const AuthenticationExpectation& expected, const AuthenticationResponse& response) {
  const bool allowed = expected.allow_credentials.empty() || steps::contains(expected.allow_credentials, response.id);
  return allowed ? Check() : Check(Refusal::kCredentialNotAllowed);
}

/// Step 6: "Identify the user being authenticated". Where she was not known beforehand, the handle must name her.
/// [WA-A3]
Check check_owner(const AuthenticationExpectation& expected, const StoredCredential& credential,
                  const AuthenticationResponse& response) {
  if (response.id != credential.id) return Refusal::kCredentialUnknown;
  if (expected.discoverable && !response.user_handle) return Refusal::kUserHandleMissing;
  if (response.user_handle && credential.user_handle && *response.user_handle != *credential.user_handle) {
    return Refusal::kWrongUserHandle;
  }
  return std::nullopt;
}

/// Steps 10 to 14: what the browser says.
Check check_request(const ClientData& client_data, const AuthenticationExpectation& expected) {
  if (auto no = steps::check_type(client_data, "webauthn.get")) return no;
  if (auto no = steps::check_challenge(client_data, expected.challenge)) return no;
  if (auto no = steps::check_origin(client_data, expected.party)) return no;
  if (auto no = steps::check_cross_origin(client_data, expected.party)) return no;
  return steps::check_top_origin(client_data, expected.party);
}

/// Step 15 with 10.1.1: the AppID takes the place of the RP ID where it was asked for and the browser says that it used
/// it. [WA-A6]
bool uses_appid(const AuthenticationExpectation& expected, const AuthenticationResponse& response) {
  return response.appid_used && !expected.appid.empty();
}

/// Step 16: "Verify that the UP bit of the flags in authData is set." [WA-A7]
Check check_present(const AuthenticatorData& data) {
  return data.flags.user_present ? Check() : Check(Refusal::kUserNotPresent);
}

/// Step 19: "If credentialRecord.backupEligible is set, verify that currentBe is set", and not, if not. [WA-A8]
bool is_eligibility_changed(const AuthenticatorData& data, const StoredCredential& credential) {
  return credential.backup_eligible && *credential.backup_eligible != data.flags.backup_eligible;
}

/// Step 22: "If authData.signCount is nonzero or credentialRecord.signCount is nonzero", it must have grown. [WA-A10]
bool is_counter_back(const AuthenticatorData& data, const StoredCredential& credential) {
  return (data.sign_count != 0 || credential.sign_count != 0) && data.sign_count <= credential.sign_count;
}

/// Steps 15 to 19: what the authenticator says.
Check check_data(const AuthenticatorData& data, const AuthenticationExpectation& expected,
                 const StoredCredential& credential, bool appid_used) {
  if (auto no = steps::check_rp_id_hash(data, appid_used ? expected.appid : std::string_view(expected.party.id))) {
    return no;
  }
  if (auto no = check_present(data)) return no;
  if (auto no = steps::check_user_verified(data, expected.user_verification)) return no;
  if (auto no = steps::check_backup_bits(data)) return no;
  if (expected.anomalies == Anomalies::kRefuse && is_eligibility_changed(data, credential)) {
    return Refusal::kBackupEligibilityChanged;
  }
  return std::nullopt;
}

/// Steps 20 and 21: "verify that sig is a valid signature over the binary concatenation of authData and hash." [WA-A9]
Check check_signature(const AuthenticationResponse& response, const StoredCredential& credential) {
  const std::string hash = crypto::sha256(response.client_data);
  const bool good = credential.key.verify({response.authenticator_data, hash}, response.signature);
  return good ? Check() : Check(Refusal::kSignatureWrong);
}

/// What comes before the client data is read.
Check check_credential(const AuthenticationExpectation& expected, const StoredCredential& credential,
                       const AuthenticationResponse& response) {
  if (response.authenticator_data.size() > kAuthenticatorDataMax || response.signature.size() > kSignatureMax) {
    return Refusal::kResponseTooLarge;
  }
  if (auto no = check_allowed(expected, response)) return no;
  return check_owner(expected, credential, response);
}

/// From step 10 on.
Result<Assertion, Refusal> judge(const AuthenticationExpectation& expected, const StoredCredential& credential,
                                 const AuthenticationResponse& response, ClientData client_data) {
  if (const auto no = check_request(client_data, expected)) return fail(*no);
  const auto data = parse_authenticator_data(response.authenticator_data);
  if (!data) return fail(data.error());
  const bool appid_used = uses_appid(expected, response);
  if (const auto no = check_data(*data, expected, credential, appid_used)) return fail(*no);
  if (const auto no = check_signature(response, credential)) return fail(*no);
  const bool counter_back = is_counter_back(*data, credential);
  if (counter_back && expected.anomalies == Anomalies::kRefuse) return fail(Refusal::kCounterWentBack);
  // Step 23: extension outputs that nobody asked for are ignored, missing ones are no error. [WA-A13]
  return Assertion{.flags = data->flags,
                   .sign_count = data->sign_count,
                   .counter_went_back = counter_back,
                   .backup_eligibility_changed = is_eligibility_changed(*data, credential),
                   .appid_used = appid_used,
                   .origin = std::move(client_data.origin),
                   .top_origin = std::move(client_data.top_origin).value_or("")};
}

}  // namespace

Result<Assertion, Refusal> authenticate(const AuthenticationExpectation& expected, const StoredCredential& credential,
                                        const AuthenticationResponse& response) {
  if (const auto no = check_credential(expected, credential, response)) return fail(*no);
  // Steps 8 and 9: "Let C be the result of running a JSON parser".
  auto client_data = parse_client_data(response.client_data);
  if (!client_data) return fail(client_data.error());
  return judge(expected, credential, response, *std::move(client_data));
}

Result<Assertion, Refusal> authenticate(const AuthenticationExpectation& expected, const StoredCredential& credential,
                                        const AuthenticationResponse& response, ClientData client_data) {
  if (const auto no = check_credential(expected, credential, response)) return fail(*no);
  return judge(expected, credential, response, std::move(client_data));
}

}  // namespace countersign::webauthn
