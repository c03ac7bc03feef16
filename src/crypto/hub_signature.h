#pragma once

#include <string>
#include <string_view>

// X-Hub-Signature-256: signs Meta's webhooks with the secret of the app that they are set up in.
namespace countersign::crypto {

/// The header's value for a body: `sha256=` and lower-case hex of HMAC-SHA256.
[[nodiscard]] std::string hub_signature(std::string_view app_secret, std::string_view body);

/// Whether `signature` is that of the body, as the bytes were received: the same JSON written otherwise has another
/// one. Compares in constant time.
[[nodiscard]] bool hub_signature_valid(std::string_view app_secret, std::string_view body, std::string_view signature);

}  // namespace countersign::crypto
