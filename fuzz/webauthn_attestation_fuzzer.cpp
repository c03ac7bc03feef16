// Links: cs_webauthn cs_base
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/encoding.h"
#include "webauthn/ceremony.h"

using namespace countersign;

// The attestation object of a registration whose client data is right, so that all that follows is reached: readers,
// key, statement, certificates, and the path to an anchor, which here is the statement's own certificate.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const webauthn::RelyingParty party{.id = "example.com", .origins = {"https://example.com"}};
  static const webauthn::AttestationPolicy policy{
      .anchors = [](std::string_view, const webauthn::Certificate& leaf) { return std::vector{leaf}; }};
  const std::string challenge(32, 'c');
  webauthn::RegistrationResponse response{.id = "",
                                          .client_data = R"({"type":"webauthn.create","challenge":")" +
                                                         to_base64url(challenge) +
                                                         R"(","origin":"https://example.com"})",
                                          .attestation_object = std::string(reinterpret_cast<const char*>(data), size),
                                          .transports = {}};
  const auto object = webauthn::parse_attestation_object(response.attestation_object);
  if (!object) return 0;
  const auto parsed = webauthn::parse_authenticator_data(object->authenticator_data);
  if (!parsed || !parsed->credential) return 0;
  response.id = std::string(parsed->credential->id);
  const auto result = webauthn::register_credential(
      {.party = party,
       .challenge = challenge,
       .algorithms = {webauthn::Algorithm::kEs256, webauthn::Algorithm::kEdDsa, webauthn::Algorithm::kRs256},
       .attestation = policy,
       .now = WallTime(std::chrono::seconds(1'772'323'200))},
      response);
  if (result && result->credential_id != response.id) __builtin_trap();
  // Also where the RP ID or a flag is not right, so that mutations of those hide nothing.
  if (const auto key = webauthn::PublicKey::from_cose(parsed->credential->public_key)) {
    (void)webauthn::verify_statement({object->format, object->statement, *parsed, *key, std::string(32, 'h')})
        .has_value();
  }
  return 0;
}
