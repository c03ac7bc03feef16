#pragma once

#include <string>
#include <string_view>

#include "base/encoding.h"
#include "base/json.h"
#include "crypto/jws_key.h"
#include "support/fake_time.h"

namespace countersign::testing {

/// The key of a phone, as Twilio's mobile SDKs use theirs.
class DeviceKey {
 public:
  explicit DeviceKey(std::uint64_t seed)
      : random_(seed), key_(crypto::SigningKey::generate(crypto::JwsAlgorithm::kEs256, random_)) {}

  [[nodiscard]] std::string point() const {
    const auto jwk = key_.public_jwk();
    return "\x04" + from_base64url(*json_text(jwk, "x")).value() + from_base64url(*json_text(jwk, "y")).value();
  }
  /// AuthPayload of a factor: Base64 of the DER signature over its SID.
  [[nodiscard]] std::string first_signature(std::string_view sid) const { return to_base64(der_of(key_.sign(sid))); }
  /// r and s, as WebCrypto gives it.
  [[nodiscard]] std::string sign(std::string_view text) const { return key_.sign(text); }
  [[nodiscard]] std::string jwt(const json::object& header, const json::object& claims) const {
    return jwt_of(canonical_json(header), canonical_json(claims));
  }
  [[nodiscard]] std::string jwt_of(std::string_view header, std::string_view claims) const {
    const std::string text = to_base64url(header) + '.' + to_base64url(claims);
    return text + '.' + to_base64url(key_.sign(text));
  }
  /// AuthPayload of a challenge.
  [[nodiscard]] std::string answer(const json::object& claims) const {
    return jwt({{"typ", "JWT"}, {"alg", "ES256"}}, claims);
  }

 private:
  static std::string number_in_der(std::string_view bytes) {
    while (bytes.size() > 1 && bytes.front() == '\0') bytes.remove_prefix(1);
    std::string out = (static_cast<unsigned char>(bytes.front()) & 0x80U) != 0 ? std::string(1, '\0') : std::string();
    out += bytes;
    return std::string("\x02") + static_cast<char>(out.size()) + out;
  }
  static std::string der_of(std::string_view raw) {
    const std::string both = number_in_der(raw.substr(0, 32)) + number_in_der(raw.substr(32));
    return std::string("\x30") + static_cast<char>(both.size()) + both;
  }

  SeededRandom random_;
  crypto::SigningKey key_;
};

}  // namespace countersign::testing
