#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace countersign::store {

/// What units that run side by side must not touch at the same time (Beside in store/tx.h). Whoever has taken a key is
/// the only one to touch what it covers, from then until the unit ends; against other nodes, until its commit.
///
/// Keys are taken in the order of these kinds, so that no two units wait for each other; several of one kind by one
/// call. Two keys that are not the same may be equal, by chance: then units wait without need.
class Key {
 public:
  enum class Kind : std::uint8_t {
    kIdempotency,  ///< The answer under a digest of an Idempotency-Key.
    kNaming,       ///< Whether a name (an identity, an address) has its row, by its blind index, and making it.
    kSubject,  ///< All of one subject: contacts, sources, factors, own failures, its transactions and what is theirs.
    kAddress,  ///< What subjects with one address share: its window, and the failures of strangers.
    kCounter,  ///< A counter that is read before it is counted in. To count in one statement needs no key.
    // From here on of one node alone:
    kMessages,  ///< Waiting messages of codes, once they are made. Each row is finished by a statement that judges it.
    kFirstUse,  ///< For Latch: what the units of a commit share is being read.
  };

  /// `account`: 16 bytes; `what`: an id, an index or a name. Both may be empty.
  Key(Kind kind, std::string_view account, std::string_view what = {})
      : kind_(kind), number_(number_of(kind, account, what)) {}

  [[nodiscard]] Kind kind() const { return kind_; }
  /// The same on every node, of any version. Below zero, so that it is none of the store's other locks.
  [[nodiscard]] std::int64_t number() const { return number_; }
  [[nodiscard]] bool is_of_all_nodes() const { return kind_ < Kind::kMessages; }
  auto operator<=>(const Key&) const = default;

  struct Hash {
    std::size_t operator()(const Key& key) const {
      return static_cast<std::size_t>(key.number_) * 8 + static_cast<std::size_t>(key.kind_);
    }
  };

 private:
  static constexpr std::size_t kIdSize = 16;
  static constexpr std::uint64_t kSign = std::uint64_t{1} << 63;

  // number :=
  //    of a subject or an address    the last 8 bytes of its id, big-endian, so that SQL can tell it from a row (Named)
  //    of all else                   FNV-1a, 64 bits, over kind, account and what
  // with the sign bit set.
  static std::int64_t number_of(Kind kind, std::string_view account, std::string_view what) {
    std::uint64_t number = 0;
    if ((kind == Kind::kSubject || kind == Kind::kAddress) && what.size() == kIdSize) {
      for (const char byte : what.substr(kIdSize / 2)) number = number << 8 | static_cast<unsigned char>(byte);
    } else {
      number = 0xcbf29ce484222325;
      const auto add = [&](unsigned char byte) { number = (number ^ byte) * 0x100000001b3; };
      add(static_cast<unsigned char>(kind));
      for (const char byte : account) add(static_cast<unsigned char>(byte));
      for (const char byte : what) add(static_cast<unsigned char>(byte));
    }
    return static_cast<std::int64_t>(number | kSign);
  }

  Kind kind_;
  std::int64_t number_;
};

/// What a row names that is read before the key can be taken (Tx::will_take). The engine finds it by the row's id.
enum class Named : std::uint8_t {
  kSubjectOfIdentity,  ///< By its blind index.
  kSubjectOfTransaction,
  kAddressesOfTransaction,  ///< Of all contacts of its subject.
};

}  // namespace countersign::store
