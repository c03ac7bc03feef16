#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "store/repository/vault.h"
#include "store/tx.h"

namespace countersign::store {

/// Number of values of a column sealed under a key.
struct SealedCount {
  std::string_view column;  ///< `addresses.address_sealed`
  std::uint32_t key = 0;
  std::int64_t values = 0;
};

/// For every column sealed under the keyring. Scans them completely: for an operator's question, not for requests.
[[nodiscard]] std::vector<SealedCount> count_sealed(Tx& tx);

/// Whether any value is sealed under that key. Scans until the first one.
[[nodiscard]] bool is_sealed_under(Tx& tx, std::uint32_t key);

/// The names of all those columns. A test compares them with the schema.
[[nodiscard]] std::vector<std::string_view> sealed_columns();

/// A value to be sealed again, with its key.
struct SealedValue {
  std::size_t column = 0;
  std::string account;
  std::string id;
  std::string place;  ///< Its crypto::Place::row.
  std::string sealed;
};

/// Position of a scan over all sealed values.
struct SealedCursor {
  std::size_t column = 0;
  std::string account;
  std::string id;
};

/// Of the next `limit` values from `cursor` on, those not sealed under `current`; moves the cursor. False at the end,
/// when nothing was left to scan. Read-only.
bool next_sealed(Tx& tx, std::uint32_t current, int limit, SealedCursor& cursor, std::vector<SealedValue>& out);

/// Seals each again under the current key, unless it was changed or deleted meanwhile. Returns how many it could open.
std::int64_t seal_anew(Tx& tx, const Vault& vault, const std::vector<SealedValue>& values, Random& random);

}  // namespace countersign::store
