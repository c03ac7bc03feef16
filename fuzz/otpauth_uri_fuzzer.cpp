// Links: cs_crypto
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "crypto/otpauth_uri.h"

// An accepted URI is within the documented bounds, and a TOTP URI that we write from it parses as the same key.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace countersign::crypto;
  const auto parsed = parse_otpauth_uri({reinterpret_cast<const char*>(data), size});
  if (!parsed) return 0;
  CS_CHECK(parsed->parameters.valid());
  CS_CHECK(parsed->secret.expose().size() >= 10 && parsed->secret.expose().size() <= 128);
  CS_CHECK(!parsed->account.empty());
  if (parsed->type == OtpauthUri::Type::kHotp) return 0;

  const auto again =
      parse_otpauth_uri(otpauth_uri(parsed->issuer, parsed->account, parsed->secret, parsed->parameters));
  if (!again) return 0;  // Written in full, it may exceed the length that is read.
  CS_CHECK(again->secret.expose() == parsed->secret.expose());
  CS_CHECK(again->parameters.digits == parsed->parameters.digits);
  CS_CHECK(again->parameters.period_seconds == parsed->parameters.period_seconds);
  CS_CHECK(again->parameters.algorithm == parsed->parameters.algorithm);
  return 0;
}
