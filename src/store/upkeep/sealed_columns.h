#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "store/repository/vault.h"
#include "store/tx.h"

namespace countersign::store {

/// How many values of a column are sealed under a key.
struct SealedCount {
  std::string_view column;  ///< `addresses.address_sealed`
  std::uint32_t key = 0;
  std::int64_t values = 0;
};

/// Of every column that is sealed under the keyring. Reads them all through: for an operator's question, and not on the
/// way of a request.
[[nodiscard]] std::vector<SealedCount> count_sealed(Tx& tx);

/// Whether anything is sealed under that key. The same, until the first is found.
[[nodiscard]] bool is_sealed_under(Tx& tx, std::uint32_t key);

/// The names of all those columns. A test compares them with the schema.
[[nodiscard]] std::vector<std::string_view> sealed_columns();

/// A value that waits to be sealed anew, with what finds it again.
struct SealedValue {
  std::size_t column = 0;
  std::string account;
  std::string id;
  std::string place;  ///< What it is bound to (crypto::Place::row).
  std::string sealed;
};

/// Where a walk over all sealed values stands.
struct SealedCursor {
  std::size_t column = 0;
  std::string account;
  std::string id;
};

/// Of the next `limit` values from `cursor` on, those that are not sealed under `current`; moves the cursor. False at
/// the end, when there was nothing more to look at. Reads alone.
bool next_sealed(Tx& tx, std::uint32_t current, int limit, SealedCursor& cursor, std::vector<SealedValue>& out);

/// Seals each anew under the current key, unless somebody has changed or deleted it meanwhile. Answers how many it
/// could open.
std::int64_t seal_anew(Tx& tx, const Vault& vault, const std::vector<SealedValue>& values, Random& random);

}  // namespace countersign::store
