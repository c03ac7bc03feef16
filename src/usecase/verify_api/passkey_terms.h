#pragma once

#include <optional>
#include <string>

#include "base/json.h"
#include "usecase/verify_api/service.h"

namespace countersign::usecase::verify_api {

/// How a service of this API asks for passkeys. What the API sets narrows what the configuration allows and never
/// widens it: the RP ID is the configuration's, origins are among the configuration's, user verification is not asked
/// for less.
struct PasskeyTerms {
  PasskeySettings settings;
  std::string party_name;
  std::string attachment;         ///< `platform`, `cross-platform`, `any`.
  std::string discoverable;       ///< `required`, `preferred`, `discouraged`.
  std::string user_verification;  ///< The same, as the API said.
};

/// `config`: as a request to make a passkey has it, or as it was stored with one; null: none. What it leaves out the
/// service has. kFeatureNotEnabled if the configuration gives the service no passkeys; kRelyingParty for a foreign RP
/// ID or origin; kPasskeyConfig, kPasskeyAttachment for other values; kPasskeyCriteria if neither says how to
/// choose an authenticator.
[[nodiscard]] Verdict<PasskeyTerms> passkey_terms(const Service& service, const json::object* config);
/// The same for a challenge: no criteria are needed. A value of the service that the configuration does not allow any
/// more is not applied.
[[nodiscard]] Verdict<PasskeySettings> passkey_settings(const Service& service);

/// As answers show it.
[[nodiscard]] json::object config_json(const PasskeyTerms& terms);
/// `relying_party` of a service, with what applies.
[[nodiscard]] json::object party_json(const Service& service);

/// The first parameter by which `changes` of a service ask for more than the configuration allows.
[[nodiscard]] std::optional<Refusal> passkey_refusal(const ServiceSettings& service, const json::object& changes);

}  // namespace countersign::usecase::verify_api
