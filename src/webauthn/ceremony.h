#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "webauthn/attestation.h"
#include "webauthn/authenticator_data.h"
#include "webauthn/certificate.h"
#include "webauthn/client_data.h"
#include "webauthn/public_key.h"
#include "webauthn/refusal.h"

// The relying party's side of WebAuthn Level 3: section 7.1, registration, and 7.2, authentication. Pure: what is
// expected and what came go in, what to store or the reason against it comes out. The caller keeps challenges (32 fresh
// bytes, one ceremony, one use, spent by any answer), stores credentials under a unique key, and writes the result in
// the transaction that spends the challenge. [WA-R1, WA-R20, WA-A11]
namespace countersign::webauthn {

/// The site that asks: the same for every ceremony.
struct RelyingParty {
  std::string id;                     ///< a host name in ASCII, judged by rp_id.h
  std::vector<std::string> origins;   ///< compared exactly: "https://login.example.com", "android:apk-key-hash:…"
  bool cross_origin_allowed = false;  ///< the page may be in a frame of another origin
  std::vector<std::string> top_origins = {};  ///< origins of the pages around it, where a browser names them
};

enum class UserVerification { kRequired, kPreferred, kDiscouraged };

/// The roots that may vouch for an authenticator, given its AAGUID (16 bytes; zeros for U2F) and its certificate. None:
/// nobody may.
using AnchorLookup = std::function<std::vector<Certificate>(std::string_view aaguid, const Certificate& leaf)>;

/// Whether something is known that speaks against a model, given the same.
using AgainstLookup = std::function<bool(std::string_view aaguid, const Certificate& leaf, WallTime now)>;

/// Which authenticators are good enough. The default takes every one and asks for no root: then the statement itself is
/// checked, but not who signed it. [WA-R19]
struct AttestationPolicy {
  std::vector<AttestationType> accepted{AttestationType::kNone, AttestationType::kSelf, AttestationType::kBasic,
                                        AttestationType::kAttCa, AttestationType::kAnonCa};
  AnchorLookup anchors = {};                                     ///< empty: certificates need no root
  std::optional<std::vector<std::string>> aaguids_allowed = {};  ///< 16 bytes each; nullopt: all
  std::vector<std::string> aaguids_denied = {};
  AgainstLookup against = {};  ///< empty: nothing is known
};

/// What a registration must answer. Views and references last for the call.
struct RegistrationExpectation {
  const RelyingParty& party;
  std::string_view challenge;  ///< its bytes
  UserVerification user_verification = UserVerification::kPreferred;
  std::vector<Algorithm> algorithms;  ///< those that were offered
  const AttestationPolicy& attestation;
  WallTime now;              ///< for the dates of certificates
  bool conditional = false;  ///< created without a gesture (mediation "conditional"): UP may be clear
  std::vector<std::string_view> registered_ids =
      {};  ///< credential ids that exist already, as far as the caller knows them
};

/// RegistrationResponseJSON with its binary members decoded (response_json.h).
struct RegistrationResponse {
  std::string id;  ///< the credential's, as the browser has it; empty: it was not given, and is not compared
  std::string client_data;
  std::string attestation_object;
  std::vector<std::string> transports;  ///< "usb", "internal", …: unsigned, a hint for later
};

/// What to store. [WA-R21]
struct Registration {
  std::string credential_id;
  std::string public_key;  ///< COSE_Key, as received
  PublicKey key;           ///< the same, ready to verify
  std::uint32_t sign_count;
  AuthenticatorFlags flags;
  std::string aaguid;  ///< 16 bytes
  std::vector<std::string> transports;
  std::string attestation_format;
  AttestationType attestation_type;
  std::vector<Certificate> attestation_chain;
  bool attestation_trusted;  ///< a path to a root was asked for, and found
  std::string origin;
  std::string top_origin;  ///< empty where the browser named none
};

/// Section 7.1, steps 5 to 28. Checks in the standard's order; the first that fails is the answer.
[[nodiscard]] Result<Registration, Refusal> register_credential(const RegistrationExpectation& expected,
                                                                const RegistrationResponse& response);

/// What to do about an answer that is genuine but strange: a counter that did not grow, or a credential whose backup
/// eligibility is not what it was. Both can mean a copied key, and both are seen from sound authenticators.
enum class Anomalies { kReport, kRefuse };

/// What an authentication must answer. Views and references last for the call.
struct AuthenticationExpectation {
  const RelyingParty& party;
  std::string_view challenge;
  UserVerification user_verification = UserVerification::kRequired;
  std::vector<std::string_view> allow_credentials = {};  ///< empty: there was no list
  bool discoverable = false;    ///< the account was not known beforehand: a user handle must name it
  std::string_view appid = {};  ///< the value of the appid extension; empty: not asked for
  Anomalies anomalies = Anomalies::kReport;
};

/// AuthenticationResponseJSON with its binary members decoded (response_json.h).
struct AuthenticationResponse {
  std::string id;
  std::string client_data;
  std::string authenticator_data;
  std::string signature;
  std::optional<std::string> user_handle = {};
  bool appid_used = false;  ///< clientExtensionResults.appid
};

/// The credential that the caller found for the answer's id.
struct StoredCredential {
  std::string_view id;
  const PublicKey& key;
  std::uint32_t sign_count = 0;
  std::optional<bool> backup_eligible = {};          ///< nullopt: was not recorded, not compared
  std::optional<std::string_view> user_handle = {};  ///< the account's; nullopt: not compared
};

/// What to store with the credential, and what to tell the operator.
struct Assertion {
  AuthenticatorFlags flags;
  std::uint32_t sign_count;  ///< as received. Stored only if not `counter_went_back`
  bool counter_went_back;    ///< not greater than the stored one, while either is not zero [WA-A10]
  bool backup_eligibility_changed;
  bool appid_used;
  std::string origin;
  std::string top_origin;
};

/// Section 7.2, steps 5 to 24.
[[nodiscard]] Result<Assertion, Refusal> authenticate(const AuthenticationExpectation& expected,
                                                      const StoredCredential& credential,
                                                      const AuthenticationResponse& response);
/// The same, for a caller that has parsed the client data of `response` before.
[[nodiscard]] Result<Assertion, Refusal> authenticate(const AuthenticationExpectation& expected,
                                                      const StoredCredential& credential,
                                                      const AuthenticationResponse& response, ClientData client_data);

}  // namespace countersign::webauthn
