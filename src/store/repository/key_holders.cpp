#include "store/repository/key_holders.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <sstream>

namespace countersign::store {

namespace {

template <class T>
std::vector<T> words_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<T> out;
  for (T word; in >> word;) out.push_back(word);
  return out;
}

}  // namespace

bool KeyHolder::knows_seal_key(std::uint32_t id) const { return std::ranges::find(seal_keys, id) != seal_keys.end(); }

bool KeyHolder::publishes(std::string_view kid) const {
  return std::ranges::find(published_keys, kid) != published_keys.end();
}

void save_key_holder(Tx& tx, const KeyHolder& h) {
  static constexpr Sql kForget{R"sql(
      DELETE FROM key_holders
      WHERE seen_at < :gone_before
  )sql"};
  static constexpr Sql kSave{R"sql(
      INSERT INTO key_holders (node, seal_keys, current_seal_key, signing_key, published_keys, since, seen_at)
      VALUES (:node, :seal_keys, :current_seal_key, :signing_key, :published_keys, :since, :seen_at)
      ON CONFLICT (node) DO UPDATE
      SET seal_keys = :seal_keys,
          current_seal_key = :current_seal_key,
          signing_key = :signing_key,
          published_keys = :published_keys,
          since = :since,
          seen_at = :seen_at
  )sql"};
  tx.put(kForget, {h.seen_at - kHolderGone});
  tx.put(kSave, {{"node", h.node},
                 {"seal_keys", fmt::format("{}", fmt::join(h.seal_keys, " "))},
                 {"current_seal_key", static_cast<std::int64_t>(h.current_seal_key)},
                 {"signing_key", h.signing_key},
                 {"published_keys", fmt::format("{}", fmt::join(h.published_keys, " "))},
                 {"since", h.since},
                 {"seen_at", h.seen_at}});
}

void remove_key_holder(Tx& tx, std::string_view node) {
  static constexpr Sql kRemove{R"sql(
      DELETE FROM key_holders
      WHERE node = :node
  )sql"};
  tx.put(kRemove, {node});
}

std::vector<KeyHolder> key_holders(Tx& tx, WallTime now) {
  static constexpr Sql kFind{R"sql(
      SELECT node, seal_keys, current_seal_key, signing_key, published_keys, since, seen_at
      FROM key_holders
      WHERE seen_at >= :seen_after
      ORDER BY node
  )sql"};
  std::vector<KeyHolder> holders;
  tx.all(kFind, {now - kHolderGone}, [&](const Row& row) {
    holders.push_back({.node = row.string(kFind["node"]),
                       .seal_keys = words_of<std::uint32_t>(row.string(kFind["seal_keys"])),
                       .current_seal_key = static_cast<std::uint32_t>(row.integer(kFind["current_seal_key"])),
                       .signing_key = row.string(kFind["signing_key"]),
                       .published_keys = words_of<std::string>(row.string(kFind["published_keys"])),
                       .since = row.time(kFind["since"]),
                       .seen_at = row.time(kFind["seen_at"])});
  });
  return holders;
}

}  // namespace countersign::store
