#pragma once

#include <optional>
#include <string>

#include "usecase/passkey/confirm.h"
#include "usecase/verify_api/entity.h"

// Passkeys of entities. A passkey made here is a source of the person like every other, bound as the application's own
// enrolment, so it may prove transactions of the native API once it counts [STD-2, STD-3]; the other way round, those
// of the native API at the service are shown here. Neither finishing call names what it finishes: the challenge in the
// client data does.
namespace countersign::usecase::verify_api {

struct NewPasskey {
  std::string identity;
  std::string friendly_name;
  std::optional<json::object> config;
};

struct CreatedPasskey {
  Entity entity;
  Factor factor;
  json::object options;  ///< PublicKeyCredentialCreationOptionsJSON.
};
/// Makes an unverified passkey with the challenge of its registration, and its entity if there is none.
[[nodiscard]] Verdict<CreatedPasskey> create_passkey(const Work& work, const ServiceId& service,
                                                     const NewPasskey& given);

/// `config` of a passkey, as answers show it: as it was made, or for one of the native API what the service has.
[[nodiscard]] json::object passkey_config(const Service& service, const Factor& factor);

/// The same, if it was made by this API; else null. As long as the factor.
[[nodiscard]] const json::object* config_of(const Factor& factor);

/// What a registration is judged by.
struct SeenRegistration {
  SeenOffer offer;
  PasskeySettings settings;
};
/// nullopt if its challenge is not that of a passkey of this service that waits for an answer. On a snapshot.
[[nodiscard]] std::optional<SeenRegistration> look_for_registration(const Work& work, const ServiceId& service,
                                                                    const webauthn::RegistrationResponse& response);

struct VerifiedPasskey {
  Entity entity;
  Factor factor;
};
/// confirm_passkey() of the factor that the answer names. kPasskeyNotFound; kFactorVerification for any wrong answer,
/// which spends the challenge; kFactorStatus for one that is spent or too late. [WA-A14]
[[nodiscard]] Verdict<VerifiedPasskey> verify_passkey(const Work& work, const ServiceId& service,
                                                      const webauthn::RegistrationResponse& response,
                                                      const std::optional<JudgedRegistration>& judged);

/// The challenge, in base64url, that client data names; nullopt if it can be none of ours.
[[nodiscard]] std::optional<std::string> named_challenge(std::string_view client_data);

}  // namespace countersign::usecase::verify_api
