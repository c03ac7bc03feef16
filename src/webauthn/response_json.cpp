#include "webauthn/response_json.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "webauthn/client_data.h"
#include "webauthn/sizes.h"

namespace countersign::webauthn {

namespace {

/// Decodes one member. base64url of n bytes has n * 4 / 3 characters, rounded up.
Result<std::string, Refusal> binary(const json::object& object, std::string_view name, std::size_t size_max) {
  const auto text = json_text(object, name);
  if (!text) return fail(Refusal::kResponseMalformed);
  if (text->size() > (size_max * 4 + 2) / 3) return fail(Refusal::kResponseTooLarge);
  auto bytes = from_base64url(*text);
  if (!bytes) return fail(Refusal::kResponseMalformed);
  return std::move(*bytes);
}

const json::object* inner(const json::object& object, std::string_view name) {
  const json::value* const value = object.if_contains(name);
  return value != nullptr ? value->if_object() : nullptr;
}

Result<std::string, Refusal> credential_id(const json::object& credential) {
  if (json_text(credential, "type") != "public-key") return fail(Refusal::kResponseMalformed);
  if (json_text(credential, "rawId") != json_text(credential, "id")) return fail(Refusal::kResponseMalformed);
  auto id = binary(credential, "id", kCredentialIdMax);
  if (id && id->empty()) return fail(Refusal::kResponseMalformed);
  return id;
}

/// A hint only, so what does not look like a transport is left out.
std::vector<std::string> transports(const json::object& response) {
  std::vector<std::string> out;
  const json::value* const list = response.if_contains("transports");
  if (list == nullptr || !list->is_array()) return out;
  for (const json::value& member : list->get_array()) {
    if (!member.is_string() || out.size() == kTransportsMax) continue;
    const std::string_view name = member.get_string();
    const bool plain =
        std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
    if (plain && !name.empty() && name.size() <= kTransportMax) out.emplace_back(name);
  }
  std::ranges::sort(out);
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

/// Absent and null are the same: browsers differ.
bool has_user_handle(const json::object& response) {
  const json::value* const value = response.if_contains("userHandle");
  return value != nullptr && !value->is_null();
}

/// clientExtensionResults.appid; anything but true is no.
bool appid_used(const json::object& credential) {
  const json::object* const results = inner(credential, "clientExtensionResults");
  const json::value* const value = results != nullptr ? results->if_contains("appid") : nullptr;
  return value != nullptr && value->is_bool() && value->get_bool();
}

Result<json::object, Refusal> read_object(std::string_view text) {
  if (text.size() > kResponseJsonMax) return fail(Refusal::kResponseTooLarge);
  auto value = parse_json(text);
  if (!value || !value->is_object()) return fail(Refusal::kResponseMalformed);
  return std::move(value->get_object());
}

}  // namespace

Result<RegistrationResponse, Refusal> read_registration_response(std::string_view text) {
  const auto object = read_object(text);
  if (!object) return fail(object.error());
  return read_registration_response(*object);
}

Result<RegistrationResponse, Refusal> read_registration_response(const json::object& credential) {
  auto id = credential_id(credential);
  if (!id) return fail(id.error());
  const json::object* const response = inner(credential, "response");
  if (response == nullptr) return fail(Refusal::kResponseMalformed);
  auto client_data = binary(*response, "clientDataJSON", kClientDataMax);
  if (!client_data) return fail(client_data.error());
  auto attestation = binary(*response, "attestationObject", kAttestationObjectMax);
  if (!attestation) return fail(attestation.error());
  return RegistrationResponse{.id = std::move(*id),
                              .client_data = std::move(*client_data),
                              .attestation_object = std::move(*attestation),
                              .transports = transports(*response)};
}

Result<AuthenticationResponse, Refusal> read_authentication_response(std::string_view text) {
  const auto object = read_object(text);
  if (!object) return fail(object.error());
  return read_authentication_response(*object);
}

Result<AuthenticationResponse, Refusal> read_authentication_response(const json::object& credential) {
  auto id = credential_id(credential);
  if (!id) return fail(id.error());
  const json::object* const response = inner(credential, "response");
  if (response == nullptr) return fail(Refusal::kResponseMalformed);
  auto client_data = binary(*response, "clientDataJSON", kClientDataMax);
  if (!client_data) return fail(client_data.error());
  auto data = binary(*response, "authenticatorData", kAuthenticatorDataMax);
  if (!data) return fail(data.error());
  auto signature = binary(*response, "signature", kSignatureMax);
  if (!signature) return fail(signature.error());
  AuthenticationResponse out{.id = std::move(*id),
                             .client_data = std::move(*client_data),
                             .authenticator_data = std::move(*data),
                             .signature = std::move(*signature),
                             .user_handle = std::nullopt,
                             .appid_used = appid_used(credential)};
  if (has_user_handle(*response)) {
    auto handle = binary(*response, "userHandle", kUserHandleMax);
    if (!handle) return fail(handle.error());
    out.user_handle = std::move(*handle);
  }
  return out;
}

}  // namespace countersign::webauthn
