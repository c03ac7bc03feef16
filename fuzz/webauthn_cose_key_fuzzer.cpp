// Links: cs_webauthn cs_base
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "webauthn/public_key.h"

using namespace countersign;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto key = webauthn::PublicKey::from_cose(bytes);
  if (!key) return 0;
  (void)key->verify({"message"}, bytes.substr(size / 2));
  const auto again = webauthn::PublicKey::from_native(key->algorithm(), key->native());
  if (!again || !again->is_same_key(*key) || again->point() != key->point()) __builtin_trap();
  return 0;
}
