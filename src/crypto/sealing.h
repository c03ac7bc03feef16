#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/seldom_replaced.h"
#include "crypto/keyring.h"
#include "crypto/xaes.h"

// Everything sealed has one form, byte by byte in sealing.cpp: a version, the id of the key, a nonce, and what
// XAES-256-GCM makes of the content and of the place where it stands.
namespace countersign::crypto {

/// The column of a sealed value. It opens nowhere else, so that write access to the database is not enough to move
/// ciphertexts between rows, tables or columns. [CRY-1]
struct Place {
  std::string_view table;
  std::string_view row;  ///< the bytes of the row's id
  std::string_view column;
};

enum class OpenError {
  kMalformed,   ///< too short, or of a version that this program does not know
  kUnknownKey,  ///< sealed under a key that is not in the keyring
  kForged,      ///< changed, moved from another place, or sealed under other bytes with the same key id
};

/// The extra length of a sealed value.
inline constexpr std::size_t kSealOverhead = 1 + 4 + Xaes::kNonceSize + Xaes::kTagSize;

/// The key id in `sealed` (0: a data key); nullopt when it is malformed. Not authenticated.
[[nodiscard]] std::optional<std::uint32_t> key_id_of(std::string_view sealed);

/// Seals and opens single values under the keyring. Thread-safe; keeps its own subkeys, so the keyring may be
/// destroyed.
class Sealer {
 public:
  explicit Sealer(const Keyring& keyring) : set_(set_of(keyring)) {}

  /// Later calls use these keys. Values sealed under a key that is not among them no longer open.
  void replace(const Keyring& keyring) { set_.replace(set_of(keyring)); }

  /// Seals under the current key. `plain` is below 1 GiB. Every call returns different bytes.
  [[nodiscard]] std::string seal(std::string_view plain, const Place& place, Random& random) const;
  [[nodiscard]] Result<SecretString, OpenError> open(std::string_view sealed, const Place& place) const;

  /// The key id that seal() uses. After a rotation, values with another key_id_of() still need to be sealed again.
  [[nodiscard]] std::uint32_t current_key_id() const { return set_.get().current_id; }

 private:
  struct Key {
    std::uint32_t id;
    Xaes cipher;
  };
  struct Set {
    std::vector<Key> keys;
    std::uint32_t current_id;

    [[nodiscard]] const Xaes* find(std::uint32_t id) const;
  };
  static Set set_of(const Keyring& keyring);

  SeldomReplaced<Set> set_;
};

/// The key of one transaction's payload. The database stores it only wrapped under the keyring; once that wrapped copy
/// is deleted, the payload can no longer be read. The cipher caches nothing: the key is gone when the object is.
class DataKey {
 public:
  [[nodiscard]] static DataKey make(Random& random);

  /// Seals the payload; `place` is the payload's.
  [[nodiscard]] std::string seal(std::string_view plain, const Place& place, Random& random) const;
  [[nodiscard]] Result<SecretString, OpenError> open(std::string_view sealed, const Place& place) const;

  /// Seals the key itself; `place` is that of the wrapped key.
  [[nodiscard]] std::string wrap(const Sealer& sealer, const Place& place, Random& random) const;
  [[nodiscard]] static Result<DataKey, OpenError> unwrap(const Sealer& sealer, std::string_view wrapped,
                                                         const Place& place);

 private:
  explicit DataKey(SecretString key) : cipher_(std::move(key), Xaes::Keep::kNowhere) {}

  Xaes cipher_;
};

}  // namespace countersign::crypto
