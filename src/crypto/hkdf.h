#pragma once

#include <cstddef>
#include <string_view>

#include "base/secret.h"

namespace countersign::crypto {

/// HKDF-SHA256 (RFC 5869), extract and expand. `size` is 1 to 8160 bytes; `salt` may be empty.
[[nodiscard]] SecretString hkdf_sha256(std::string_view key_material, std::string_view salt, std::string_view info,
                                       std::size_t size);

}  // namespace countersign::crypto
