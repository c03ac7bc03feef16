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

// Everything sealed has one form:
//
//   sealed = version (1 byte, 1)  key id (4 bytes, big-endian)  nonce (24)  ciphertext  tag (16)
//
// XAES-256-GCM; associated data = version, key id, and table, row, column, each after its length of four bytes.
// Key id 0 stands for a data key, which is not in the keyring.
namespace countersign::crypto {

/// Where a sealed value stands. It opens nowhere else, so that nobody with write access to the database can move
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

/// What a sealed value is longer than its content.
inline constexpr std::size_t kSealOverhead = 1 + 4 + Xaes::kNonceSize + Xaes::kTagSize;

/// The key id that `sealed` names (0: a data key); nothing when it is malformed. Not authenticated.
[[nodiscard]] std::optional<std::uint32_t> key_id_of(std::string_view sealed);

/// Seals and opens single values under the keyring. Thread-safe; keeps its own subkeys, so the keyring may go.
class Sealer {
 public:
  explicit Sealer(const Keyring& keyring) : set_(set_of(keyring)) {}

  /// What begins after it works with these keys. A value that was sealed under a key which is not among them opens no
  /// longer.
  void replace(const Keyring& keyring) { set_.replace(set_of(keyring)); }

  /// Under the current key. `plain` is below 1 GiB. Every call gives other bytes.
  [[nodiscard]] std::string seal(std::string_view plain, const Place& place, Random& random) const;
  [[nodiscard]] Result<SecretString, OpenError> open(std::string_view sealed, const Place& place) const;

  /// What seal() uses now. Values with another key_id_of() wait to be sealed again after a rotation.
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

/// The key of one transaction's payload. The database keeps it only wrapped under the keyring; once that wrapped copy
/// is deleted, the payload can no longer be read. Not kept anywhere by the cipher: gone when the object is.
class DataKey {
 public:
  [[nodiscard]] static DataKey make(Random& random);

  /// The payload, `place` being its own.
  [[nodiscard]] std::string seal(std::string_view plain, const Place& place, Random& random) const;
  [[nodiscard]] Result<SecretString, OpenError> open(std::string_view sealed, const Place& place) const;

  /// The key itself, `place` being that of the wrapped key.
  [[nodiscard]] std::string wrap(const Sealer& sealer, const Place& place, Random& random) const;
  [[nodiscard]] static Result<DataKey, OpenError> unwrap(const Sealer& sealer, std::string_view wrapped,
                                                         const Place& place);

 private:
  explicit DataKey(SecretString key) : cipher_(std::move(key), Xaes::Keep::kNowhere) {}

  Xaes cipher_;
};

}  // namespace countersign::crypto
