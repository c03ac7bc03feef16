#include "store/repository/counters.h"

namespace countersign::store {

domain::Window find_counter(Tx& tx, const AccountId& account, std::string_view key) {
  static const Sql kFind{"SELECT window_start, count FROM counters WHERE account_id = ?1 AND counter_key = ?2"};
  domain::Window window;
  tx.one(kFind, {account, Blob{key}}, [&](const Row& row) { window = {row.time(0), row.integer(1)}; });
  return window;
}

void save_counter(Tx& tx, const AccountId& account, std::string_view key, const domain::Window& before,
                  const domain::Window& after) {
  // The count alone is written while the window lasts, which leaves the index by age untouched.
  static const Sql kCount{"UPDATE counters SET count = ?3 WHERE account_id = ?1 AND counter_key = ?2"};
  static const Sql kStart{
      "INSERT INTO counters (account_id, counter_key, window_start, count) VALUES (?1, ?2, ?3, ?4)"
      " ON CONFLICT (account_id, counter_key) DO UPDATE SET window_start = ?3, count = ?4"};
  if (before.count > 0 && before.start == after.start) {
    tx.exec(kCount, {account, Blob{key}, after.count});
  } else {
    tx.exec(kStart, {account, Blob{key}, after.start, after.count});
  }
}

}  // namespace countersign::store
