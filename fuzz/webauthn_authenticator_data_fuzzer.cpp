// Links: cs_webauthn cs_base
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "webauthn/authenticator_data.h"
#include "webauthn/public_key.h"

using namespace countersign;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto parsed = webauthn::parse_authenticator_data(bytes);
  if (!parsed) return 0;
  // What was read ends exactly where the bytes end: neither more nor fewer are authenticator data of the same parts.
  if (webauthn::parse_authenticator_data(bytes.substr(0, size - 1))) __builtin_trap();
  if (parsed->credential) {
    if (parsed->credential->id.size() > webauthn::kCredentialIdMax) __builtin_trap();
    (void)webauthn::PublicKey::from_cose(parsed->credential->public_key).has_value();
  }
  return 0;
}
