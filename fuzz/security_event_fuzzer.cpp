// Links: cs_domain cs_crypto
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/encoding.h"
#include "crypto/foreign_token.h"
#include "crypto/jws.h"
#include "domain/security_event.h"

namespace {

using namespace countersign;

class FixedRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override {
    for (auto& byte : out) byte = 7;
  }
};

/// Whatever stands in it, nobody but the one who runs a contact has it suspected.
void look_at(const json::object& claims) {
  const auto read = domain::read_security_events(claims);
  if (!read) return;
  for (const auto& told : read->events) {
    for (const auto& name : told.subjects) {
      if (name.value.empty() || name.value.size() > 512) std::abort();
      if (domain::effect_of(told, name.kind, false).suspects_contact) std::abort();
    }
  }
}

}  // namespace

// First as received: only what a key of the issuer has signed passes. Then the input as header and payload of a signed
// token, and as its payload alone, to reach what comes after the signature; and as a set of keys.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static FixedRandom random;
  static const auto key = crypto::SigningKey::generate(crypto::JwsAlgorithm::kEs256, random);
  static const std::vector<crypto::ForeignKey> keys{*crypto::ForeignKey::from_jwk(key.public_jwk())};
  static const crypto::ForeignTokenTerms terms{{crypto::ForeignAlgorithm::kRs256, crypto::ForeignAlgorithm::kEs256},
                                               "secevent+jwt"};
  const std::string_view input(reinterpret_cast<const char*>(data), size);

  (void)crypto::verify_foreign_token(input, keys, terms).has_value();
  (void)crypto::read_key_set(input).has_value();
  (void)crypto::kid_of(input);

  const std::size_t cut = input.find('\n');
  const std::string_view payload = cut == std::string_view::npos ? std::string_view() : input.substr(cut + 1);
  const std::string text = to_base64url(input.substr(0, cut)) + "." + to_base64url(payload);
  if (const auto claims = crypto::verify_foreign_token(text + "." + to_base64url(key.sign(text)), keys, terms))
    look_at(*claims);
  if (const auto claims = crypto::verify_foreign_token(crypto::sign_jws(key, "secevent+jwt", input), keys, terms))
    look_at(*claims);
  return 0;
}
