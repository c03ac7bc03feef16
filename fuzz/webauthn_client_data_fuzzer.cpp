// Links: cs_webauthn cs_base
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "webauthn/ceremony_steps.h"
#include "webauthn/client_data.h"

using namespace countersign;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const webauthn::RelyingParty party{.id = "example.com",
                                            .origins = {"https://example.com"},
                                            .cross_origin_allowed = true,
                                            .top_origins = {"https://shop.example"}};
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto parsed = webauthn::parse_client_data(bytes);
  if (!parsed) return 0;
  (void)webauthn::steps::check_type(*parsed, "webauthn.get");
  (void)webauthn::steps::check_challenge(*parsed, std::string(32, 'c'));
  (void)webauthn::steps::check_origin(*parsed, party);
  (void)webauthn::steps::check_cross_origin(*parsed, party);
  (void)webauthn::steps::check_top_origin(*parsed, party);
  return 0;
}
