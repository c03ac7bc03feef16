#pragma once

#include <array>
#include <cstdint>

#include "store/migration.h"
#include "store/tx.h"

namespace countersign::store {

/// A little schema for tests of engines: entries, and a counter that every entry moves in the same transaction, so that
/// a half-done unit shows.
inline constexpr std::array kLedgerSchema{
    Migration{1, "ledger", R"(
      CREATE TABLE entry (number {{bigint}} PRIMARY KEY, note {{blob}} NOT NULL) {{table}};
      CREATE TABLE counter (name TEXT PRIMARY KEY, value {{bigint}} NOT NULL) {{without_rowid}};
      INSERT INTO counter (name, value) VALUES ('entries', 0);
    )"},
};

struct Ledger {
  std::int64_t entries;
  std::int64_t counter;
  friend bool operator==(const Ledger&, const Ledger&) = default;
};

/// Adds an entry; a number that is there already breaks the primary key.
inline Done add_entry(Tx& tx, std::int64_t number, std::string_view note = "note") {
  static const Sql kInsert{"INSERT INTO entry (number, note) VALUES (?1, ?2)"};
  static const Sql kCount{"UPDATE counter SET value = value + 1 WHERE name = 'entries'"};
  tx.exec(kCount, {});
  tx.exec(kInsert, {number, Blob{note}});
  return {};
}

inline bool has_entry(Tx& tx, std::int64_t number) {
  static const Sql kSelect{"SELECT 1 FROM entry WHERE number = ?1"};
  return tx.one(kSelect, {number}, [](const Row&) {});
}

inline Ledger read_ledger(Tx& tx) {
  static const Sql kSelect{"SELECT (SELECT count(*) FROM entry), (SELECT value FROM counter WHERE name = 'entries')"};
  Ledger ledger{};
  tx.one(kSelect, {}, [&](const Row& row) { ledger = {row.integer(0), row.integer(1)}; });
  return ledger;
}

}  // namespace countersign::store
