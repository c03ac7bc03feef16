#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/secret.h"

// The little cryptography that a site like this needs, on OpenSSL.
namespace countersign::demo {

[[nodiscard]] std::string hmac_sha256(std::string_view key, std::string_view text);

/// AES-256-GCM under a key of 32 bytes: nonce, ciphertext, tag. `place` says where the result is kept; it opens nowhere
/// else.
[[nodiscard]] std::string seal(std::string_view key, std::string_view plain, std::string_view place, Random& random);
/// Nothing for another key, another place, or changed bytes.
[[nodiscard]] std::optional<SecretString> unseal(std::string_view key, std::string_view sealed, std::string_view place);

}  // namespace countersign::demo
