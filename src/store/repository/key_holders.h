#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "store/tx.h"

namespace countersign::store {

/// The keys that a running server uses. Stored so that a change of keys can be refused until every node knows it. Only
/// ids and check values: nothing here opens anything.
struct KeyHolder {
  std::string node;                         ///< Settings::node: unique per process.
  std::vector<std::uint32_t> seal_keys;     ///< Ids of all keys that it opens with.
  std::uint32_t current_seal_key = 0;       ///< The key that it seals with.
  std::string signing_key;                  ///< `kid` of the signing key.
  std::vector<std::string> published_keys;  ///< `kid`s of all in its JWKS.
  WallTime since;                           ///< When it began to use exactly these.
  WallTime seen_at;

  [[nodiscard]] bool knows_seal_key(std::uint32_t id) const;
  [[nodiscard]] bool publishes(std::string_view kid) const;
};

/// A server reports this often; one that has not for kHolderGone is gone.
inline constexpr Duration kHolderPeriod = std::chrono::seconds(20);
inline constexpr Duration kHolderGone = std::chrono::seconds(90);

/// Replaces the node's previous report, and deletes nodes that are gone.
void save_key_holder(Tx& tx, const KeyHolder& holder);
void remove_key_holder(Tx& tx, std::string_view node);
/// Nodes that are not gone, by name.
[[nodiscard]] std::vector<KeyHolder> key_holders(Tx& tx, WallTime now);

}  // namespace countersign::store
