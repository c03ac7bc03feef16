#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/secret.h"

namespace countersign::crypto {

/// Characters of a recovery code: 75 random bits. [BKP-1]
inline constexpr std::size_t kRecoveryCodeLength = 15;

/// A new code, of digits and capital letters without I, L, O and U.
[[nodiscard]] SecretString new_recovery_code(Random& random);

/// As it is shown: `7K3QM-XA9TC-4WZ8H`.
[[nodiscard]] std::string grouped_recovery_code(std::string_view code);

/// The code in typed or pasted text: capital and small letters, digits of any script, with spaces and hyphens anywhere;
/// O is read as 0, I and L as 1, U as V. nullopt for anything else. [BKP-1]
[[nodiscard]] std::optional<SecretString> typed_recovery_code(std::string_view typed);

}  // namespace countersign::crypto
