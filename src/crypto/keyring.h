#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace countersign::crypto {

struct KeyringEntry {
  std::uint32_t id;
  SecretString key;
};

enum class KeyringError {
  kKeyLength,       ///< a key is not exactly 32 bytes
  kBadId,           ///< id 0, or a duplicate id
  kCurrentMissing,  ///< the current id is not among the entries
  kSameKeyTwice,    ///< the same bytes under two ids, or also as look-up key
};

/// The master keys, which the operator keeps outside the database. [CRY-2]
///
/// Sealing keys have numeric ids and rotate: new data is sealed under the current one, and older ones still open what
/// they sealed. The look-up key is separate and does not rotate with them, because blind indexes and digests made at
/// different times must stay comparable. Master keys are never used directly; HKDF-SHA256 derives one subkey for each
/// use. Immutable after make(); thread-safe.
class Keyring {
 public:
  static constexpr std::size_t kKeySize = 32;

  [[nodiscard]] static Result<Keyring, KeyringError> make(std::vector<KeyringEntry> entries, std::uint32_t current_id,
                                                          SecretString lookup_key);

  [[nodiscard]] std::uint32_t current_id() const { return current_id_; }
  [[nodiscard]] std::vector<std::uint32_t> ids() const;  ///< ascending

  /// A short text that identifies the key and reveals nothing about it. The server stores it in the database and
  /// compares it at start: another value under the same id means a wrong key. nullopt for an unknown id.
  [[nodiscard]] std::optional<std::string> check_value(std::uint32_t id) const;
  [[nodiscard]] std::string lookup_check_value() const;

  /// The 32-byte subkey for one use. `label` names the use and never changes once data exists. The id must exist.
  [[nodiscard]] SecretString subkey(std::uint32_t id, std::string_view label) const;
  [[nodiscard]] SecretString lookup_subkey(std::string_view label) const;

 private:
  Keyring() = default;
  [[nodiscard]] const SecretString* find(std::uint32_t id) const;

  std::vector<KeyringEntry> entries_;  ///< by ascending id
  std::uint32_t current_id_ = 0;
  SecretString lookup_key_;
};

}  // namespace countersign::crypto
