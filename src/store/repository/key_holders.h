#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "store/tx.h"

namespace countersign::store {

/// Which keys a running server works with. Kept so that a change of keys can be refused as long as a node does not know
/// of it. Ids and check values alone: nothing here opens anything.
struct KeyHolder {
  std::string node;                         ///< Settings::node: another one for each process.
  std::vector<std::uint32_t> seal_keys;     ///< Ids of all that it opens with.
  std::uint32_t current_seal_key = 0;       ///< What it seals with.
  std::string signing_key;                  ///< `kid` of the one that signs.
  std::vector<std::string> published_keys;  ///< `kid`s of all in its JWKS.
  WallTime since;                           ///< It has worked with just these since then.
  WallTime seen_at;

  [[nodiscard]] bool knows_seal_key(std::uint32_t id) const;
  [[nodiscard]] bool publishes(std::string_view kid) const;
};

/// A server says so this often; one that has not for kHolderGone is gone.
inline constexpr Duration kHolderPeriod = std::chrono::seconds(20);
inline constexpr Duration kHolderGone = std::chrono::seconds(90);

/// Writes it down in place of what the node said before, and forgets nodes that are gone.
void save_key_holder(Tx& tx, const KeyHolder& holder);
void remove_key_holder(Tx& tx, std::string_view node);
/// Those that are not gone, by name.
[[nodiscard]] std::vector<KeyHolder> key_holders(Tx& tx, WallTime now);

}  // namespace countersign::store
