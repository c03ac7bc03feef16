// Links: cs_webauthn cs_base
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/encoding.h"
#include "webauthn/ceremony.h"
#include "webauthn/response_json.h"

using namespace countersign;

// The JSON that a page sends, judged for a credential whose key nobody here has signed with: no input is accepted.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const webauthn::RelyingParty party{.id = "example.com", .origins = {"https://login.example.com"}};
  static const auto key =
      webauthn::PublicKey::from_cose(*from_hex("a5010203262001215820"
                                               "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
                                               "225820"
                                               "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"));
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)webauthn::read_registration_response(text).has_value();
  const auto response = webauthn::read_authentication_response(text);
  if (!response) return 0;
  const std::string challenge(32, '\0');
  const auto result =
      webauthn::authenticate({.party = party, .challenge = challenge}, {.id = response->id, .key = *key}, *response);
  if (result) __builtin_trap();
  return 0;
}
