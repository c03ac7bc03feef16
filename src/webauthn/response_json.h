#pragma once

#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "webauthn/ceremony.h"
#include "webauthn/refusal.h"

// What a page sends after the browser's call: the JSON forms of WebAuthn L3, 5.1 (PublicKeyCredential.toJSON()), which
// are also those of @simplewebauthn/browser.
namespace countersign::webauthn {

// Both read base64url without padding, want `type` "public-key" and `rawId` equal to `id`, and ignore members that they
// do not know, among them those that repeat parts of the authenticator data in another form: only signed bytes count.
// Sizes are checked before anything is decoded. Errors: kResponseTooLarge, kResponseMalformed. [WA-R3]

/// RegistrationResponseJSON.
[[nodiscard]] Result<RegistrationResponse, Refusal> read_registration_response(std::string_view text);
[[nodiscard]] Result<RegistrationResponse, Refusal> read_registration_response(const json::object& credential);

/// AuthenticationResponseJSON.
[[nodiscard]] Result<AuthenticationResponse, Refusal> read_authentication_response(std::string_view text);
[[nodiscard]] Result<AuthenticationResponse, Refusal> read_authentication_response(const json::object& credential);

}  // namespace countersign::webauthn
