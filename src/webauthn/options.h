#pragma once

#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "webauthn/ceremony.h"

// What a page gives to the browser: the JSON forms of WebAuthn L3, 5.1.8 and 5.1.9, as parseCreationOptionsFromJSON(),
// parseRequestOptionsFromJSON() and @simplewebauthn/browser read them. Binary members are base64url without padding.
namespace countersign::webauthn {

/// Offered to new credentials, the best first. An authenticator takes the first that it has. [WA-R2]
inline constexpr std::array kOfferedAlgorithms{Algorithm::kEdDsa, Algorithm::kEs256, Algorithm::kRs256};

/// A credential that exists already.
struct KnownCredential {
  std::string id;
  std::vector<std::string> transports;  ///< as they were stored; empty: left out
};

/// The person, as the authenticator stores her.
struct CredentialUser {
  std::string id;            ///< 16 to 64 random bytes, never an address or a number [WA-R2]
  std::string name;          ///< shown by the authenticator where several accounts exist
  std::string display_name;  ///< may be empty
};

enum class ResidentKey { kDiscouraged, kPreferred, kRequired };

/// Whether the site wants to know the model of the authenticator. Anything but none asks the person for consent in some
/// browsers, and is of use only with an AttestationPolicy that looks at it.
enum class Conveyance { kNone, kIndirect, kDirect, kEnterprise };

struct CreationOptions {
  const RelyingParty& party;
  std::string party_name;
  CredentialUser user;
  std::string challenge;
  std::vector<Algorithm> algorithms{kOfferedAlgorithms.begin(), kOfferedAlgorithms.end()};
  std::vector<KnownCredential> exclude = {};  ///< all of the person's, so that no authenticator is registered twice
  ResidentKey resident_key = ResidentKey::kPreferred;
  UserVerification user_verification = UserVerification::kPreferred;
  std::string attachment = {};          ///< "platform", "cross-platform"; empty: either
  std::vector<std::string> hints = {};  ///< "security-key", "client-device", "hybrid", the preferred first
  Conveyance attestation = Conveyance::kNone;
  std::chrono::milliseconds timeout = std::chrono::minutes(5);
};

/// PublicKeyCredentialCreationOptionsJSON. Asks for the extension credProps, which changes nothing in the answer's
/// signature and says whether the credential can be found without a list.
[[nodiscard]] json::object creation_options(const CreationOptions& options);

struct RequestOptions {
  const RelyingParty& party;
  std::string challenge;
  std::vector<KnownCredential> allow = {};  ///< empty: any that the authenticator finds for this site
  UserVerification user_verification = UserVerification::kRequired;
  std::vector<std::string> hints = {};
  std::string appid = {};  ///< for credentials that were registered by U2F; empty: none
  std::chrono::milliseconds timeout = std::chrono::minutes(5);
};

/// PublicKeyCredentialRequestOptionsJSON. [WA-A1]
[[nodiscard]] json::object request_options(const RequestOptions& options);

}  // namespace countersign::webauthn
