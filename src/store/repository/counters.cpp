#include "store/repository/counters.h"

namespace countersign::store {

domain::Window find_counter(Tx& tx, const AccountId& account, std::string_view key) {
  static const Sql kFind{"SELECT window_start, count FROM counters WHERE account_id = ?1 AND counter_key = ?2"};
  domain::Window window;
  tx.one(kFind, {account, Blob{key}}, [&](const Row& row) { window = {row.time(0), row.integer(1)}; });
  return window;
}

Duration wait_for_counter(Tx& tx, const AccountId& account, std::string_view key, const domain::Rate& rate,
                          WallTime now) {
  return domain::count_event(find_counter(tx, account, key), rate, now).retry_after;
}

bool count_in_counter(Tx& tx, const AccountId& account, std::string_view key, const domain::Rate& rate, WallTime now) {
  static const Sql kCount{
      "INSERT INTO counters (account_id, counter_key, window_start, count) VALUES (?1, ?2, ?3, 1)"
      " ON CONFLICT (account_id, counter_key) DO UPDATE SET"
      " window_start = CASE WHEN counters.window_start > ?4 THEN counters.window_start ELSE ?3 END,"
      " count = CASE WHEN counters.window_start > ?4 THEN counters.count + 1 ELSE 1 END"
      " WHERE counters.window_start <= ?4 OR counters.count < ?5"};
  return tx.exec(kCount, {account, Blob{key}, now, now - rate.per, rate.max}) == 1;
}

void keep_window(Tx& tx, const AccountId& account, std::string_view key, const domain::Window& window) {
  static const Sql kKeep{
      "INSERT INTO counters (account_id, counter_key, window_start, count) VALUES (?1, ?2, ?3, ?4)"
      " ON CONFLICT (account_id, counter_key) DO UPDATE SET window_start = ?3, count = ?4"};
  tx.put(kKeep, {account, Blob{key}, window.start, window.count});
}

void take_back(Tx& tx, const AccountId& account, std::string_view key) {
  static const Sql kTakeBack{"UPDATE counters SET count = count - 1 WHERE account_id = ?1 AND counter_key = ?2"};
  tx.put(kTakeBack, {account, Blob{key}});
}

}  // namespace countersign::store
