// Links: cs_crypto
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/encoding.h"
#include "crypto/claims.h"
#include "crypto/jws.h"

namespace {

using namespace countersign;

class FixedRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override {
    for (auto& byte : out) byte = 7;
  }
};

}  // namespace

// First as received: only what the key has signed passes. Then signed by the key with the input as header and payload,
// to reach the code after the signature check.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static FixedRandom random;
  static const auto key = crypto::SigningKey::generate(crypto::JwsAlgorithm::kEdDsa, random);
  static const std::vector<crypto::PublicKey> keys{key.public_key()};
  static const crypto::JwsOptions options{{crypto::JwsAlgorithm::kEdDsa, crypto::JwsAlgorithm::kEs256}, "receipt+jwt"};
  const std::string_view input(reinterpret_cast<const char*>(data), size);

  (void)crypto::verify_jws(input, keys, options).has_value();

  const std::size_t cut = input.find('\n');
  const std::string_view payload = cut == std::string_view::npos ? std::string_view() : input.substr(cut + 1);
  const std::string text = to_base64url(input.substr(0, cut)) + "." + to_base64url(payload);
  (void)crypto::verify_jws(text + "." + to_base64url(key.sign(text)), keys, options).has_value();

  const auto claims = crypto::verify_jws(crypto::sign_jws(key, "receipt+jwt", payload), keys, options);
  if (claims) (void)crypto::check_claims(*claims, {"issuer", "audience"}, from_micros(0)).has_value();

  if (const auto jwk = parse_json(input); jwk && jwk->is_object()) {
    (void)crypto::PublicKey::from_jwk(jwk->as_object()).has_value();
  }
  (void)crypto::SigningKey::from_pkcs8_pem(input).has_value();
  return 0;
}
