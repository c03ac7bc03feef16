#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/function_ref.h"

namespace countersign::domain {

inline constexpr std::size_t kRecoveryCodes = 10;    ///< In a new set. [BKP-1]
inline constexpr std::size_t kFewRecoveryCodes = 2;  ///< From here on the person is asked to make a new set. [BKP-3]

/// A recovery code as it is stored.
struct RecoveryCode {
  std::string salt;    ///< Random, of this code alone. [BKP-2]
  std::string digest;  ///< Keyed, over salt and code; empty once the code was used.
  friend bool operator==(const RecoveryCode&, const RecoveryCode&) = default;
};

/// A person's recovery codes, each of which works once. [BKP-3]
struct RecoverySet {
  std::vector<RecoveryCode> codes;

  /// How many were not used.
  [[nodiscard]] std::size_t left() const;
  friend bool operator==(const RecoverySet&, const RecoverySet&) = default;
};

/// Whether so few codes are left that the person should make a new set.
[[nodiscard]] bool asks_for_new_set(std::size_t left);

/// The unused code of the set that was typed. `digest_of`: the typed code's digest under a salt; it is asked for every
/// code of the set, and each comparison takes the same time, whichever is right.
[[nodiscard]] std::optional<std::size_t> find_code(const RecoverySet& set,
                                                   FunctionRef<std::string(std::string_view)> digest_of);

/// With that code used. `at` comes from find_code.
[[nodiscard]] RecoverySet with_used(RecoverySet set, std::size_t at);

}  // namespace countersign::domain
