#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/secret.h"

// The cryptography of the site, on OpenSSL.
namespace countersign::demo {

[[nodiscard]] std::string hmac_sha256(std::string_view key, std::string_view text);

/// Under a key of 32 bytes, as sealing.cpp says. `place` says where the result is kept; it opens nowhere else.
[[nodiscard]] std::string seal(std::string_view key, std::string_view plain, std::string_view place, Random& random);
/// Nothing if the key, the place or the bytes differ.
[[nodiscard]] std::optional<SecretString> unseal(std::string_view key, std::string_view sealed, std::string_view place);

}  // namespace countersign::demo
