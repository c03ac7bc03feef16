#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "store/tx.h"

namespace countersign::store {

/// How a column's values are stored, in both engines.
enum class ColumnKind : std::uint8_t { kInteger, kText, kBytes };

struct CatalogueColumn {
  std::string name;
  ColumnKind kind;

  friend bool operator==(const CatalogueColumn&, const CatalogueColumn&) = default;
};

/// A table as the database itself describes it.
struct CatalogueTable {
  std::string name;
  std::vector<CatalogueColumn> columns;  ///< By name, so that the order in which they were added does not matter.
  std::vector<std::size_t> key;          ///< Indexes in `columns` of the primary key's columns, in the key's order.

  friend bool operator==(const CatalogueTable&, const CatalogueTable&) = default;
};

/// Tables that belong to one database and are not moved: the schema's own record, the commits of PostgreSQL's writers,
/// and the state of a move (store/upkeep/move_state.h).
[[nodiscard]] bool stays_behind(std::string_view table);

/// All tables that are not stays_behind(), by name, read from the database itself, so that tables and columns of later
/// schema steps are included. Throws StoreFailure (kSchema) for a table without a primary key or with a column of
/// another type, since neither can be copied.
[[nodiscard]] std::vector<CatalogueTable> read_catalogue(Tx& tx);

/// Whether the database has a table of that name.
[[nodiscard]] bool has_table(Tx& tx, std::string_view name);

}  // namespace countersign::store
