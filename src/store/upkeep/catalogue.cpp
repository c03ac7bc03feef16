#include "store/upkeep/catalogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

namespace countersign::store {

namespace {

ColumnKind kind_of(const std::string& table, const std::string& column, std::string_view type) {
  if (type == "INTEGER" || type == "bigint") return ColumnKind::kInteger;
  if (type == "TEXT" || type == "text") return ColumnKind::kText;
  if (type == "BLOB" || type == "bytea") return ColumnKind::kBytes;
  throw StoreFailure({StoreError::Code::kSchema,
                      fmt::format("column {}.{} is of type {}, which cannot be copied", table, column, type)});
}

}  // namespace

bool stays_behind(std::string_view table) {
  constexpr std::array kOwn{"schema_migrations", "commit_markers", "move_state", "move_progress"};
  return std::ranges::find(kOwn, table) != kOwn.end();
}

std::vector<CatalogueTable> read_catalogue(Tx& tx) {
  static constexpr Sql kSelect{R"sql(
      SELECT table_name, column_name, column_type, key_place
      FROM {{catalogue}} AS c
      ORDER BY table_name, column_name
  )sql"};
  std::map<std::string, CatalogueTable, std::less<>> tables;
  std::map<std::string, std::map<std::int64_t, std::size_t>> keys;
  tx.all(kSelect, {}, [&](const Row& row) {
    const std::string name = row.string(kSelect["table_name"]);
    if (stays_behind(name)) return;
    auto& table = tables.try_emplace(name, CatalogueTable{name, {}, {}}).first->second;
    const std::string column = row.string(kSelect["column_name"]);
    const std::int64_t key_place = row.integer(kSelect["key_place"]);
    if (key_place > 0) keys[name][key_place] = table.columns.size();
    table.columns.push_back({column, kind_of(name, column, row.text(kSelect["column_type"]))});
  });
  std::vector<CatalogueTable> all;
  for (auto& [name, table] : tables) {
    for (const auto& [place, column] : keys[name]) table.key.push_back(column);
    if (table.key.empty()) {
      throw StoreFailure(
          {StoreError::Code::kSchema, fmt::format("table {} has no primary key, so it cannot be copied", name)});
    }
    all.push_back(std::move(table));
  }
  return all;
}

bool has_table(Tx& tx, std::string_view name) {
  static constexpr Sql kSelect{R"sql(
      SELECT table_name
      FROM {{catalogue}} AS c
      WHERE table_name = :table_name
  )sql"};
  return tx.one(kSelect, {name}, [](const Row&) {});
}

}  // namespace countersign::store
