#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

// What an app signs with the key of its device (ES256, RFC 7518 section 3.4): requests and answers of the
// Verify-compatible API as JSON Web Tokens, and one plain signature when the key is registered.
namespace countersign::crypto {

/// A token that was read but whose signature is not judged yet.
struct DeviceToken {
  json::object header;
  json::object claims;
  std::string signed_text;  ///< header.payload, as received.
  std::string signature;    ///< 64 bytes, r and s.
};

/// Reads the compact form of RFC 7515, strictly: three parts of base64url without padding, both JSON objects within
/// I-JSON, `alg` exactly `ES256`, no `crit`, `typ` absent or `JWT`, and a signature of 64 bytes. nullopt for anything
/// else. Keys in the header (`jwk`, `jku`, `x5c`, `x5u`) are never used. [TOK-1]
[[nodiscard]] std::optional<DeviceToken> read_device_token(std::string_view text);

/// Whether the token is signed by the P-256 key of that point (crypto/p256.h). False for what is no point.
[[nodiscard]] bool is_signed_by(const DeviceToken& token, std::string_view point);
/// Whether `der`, an ECDSA signature in strict DER, is that key's over `message`.
[[nodiscard]] bool is_device_signature(std::string_view point, std::string_view message, std::string_view der);

}  // namespace countersign::crypto
