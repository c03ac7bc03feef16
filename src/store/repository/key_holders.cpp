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
  static const Sql kForget{"DELETE FROM key_holders WHERE seen_at < ?1"};
  static const Sql kSave{
      "INSERT INTO key_holders (node, seal_keys, current_seal_key, signing_key, published_keys, since, seen_at)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (node) DO UPDATE"
      " SET seal_keys = ?2, current_seal_key = ?3, signing_key = ?4, published_keys = ?5, since = ?6, seen_at = ?7"};
  tx.put(kForget, {h.seen_at - kHolderGone});
  tx.put(kSave, {h.node, fmt::format("{}", fmt::join(h.seal_keys, " ")), static_cast<std::int64_t>(h.current_seal_key),
                 h.signing_key, fmt::format("{}", fmt::join(h.published_keys, " ")), h.since, h.seen_at});
}

void remove_key_holder(Tx& tx, std::string_view node) {
  static const Sql kRemove{"DELETE FROM key_holders WHERE node = ?1"};
  tx.put(kRemove, {node});
}

std::vector<KeyHolder> key_holders(Tx& tx, WallTime now) {
  static const Sql kFind{
      "SELECT node, seal_keys, current_seal_key, signing_key, published_keys, since, seen_at FROM key_holders"
      " WHERE seen_at >= ?1 ORDER BY node"};
  std::vector<KeyHolder> holders;
  tx.all(kFind, {now - kHolderGone}, [&](const Row& row) {
    holders.push_back({row.string(0), words_of<std::uint32_t>(row.string(1)),
                       static_cast<std::uint32_t>(row.integer(2)), row.string(3), words_of<std::string>(row.string(4)),
                       row.time(5), row.time(6)});
  });
  return holders;
}

}  // namespace countersign::store
