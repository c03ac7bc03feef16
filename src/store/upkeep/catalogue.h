#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "store/tx.h"

namespace countersign::store {

/// How the values of a column are kept, which both engines have.
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
  std::vector<std::size_t> key;          ///< Places of the primary key's columns in `columns`, in the key's order.

  friend bool operator==(const CatalogueTable&, const CatalogueTable&) = default;
};

/// The tables that belong to one database and not to what is stored in it: the schema's own record, the commits of
/// PostgreSQL's writers, and what a move writes down (store/upkeep/move_state.h).
[[nodiscard]] bool stays_behind(std::string_view table);

/// All tables that are not stays_behind(), by name, read from the database and written down nowhere else: a table or
/// column that a later step of the schema adds is in it. Throws StoreFailure (kSchema) for a table without a primary
/// key or with a column of another type, for neither can be copied.
[[nodiscard]] std::vector<CatalogueTable> read_catalogue(Tx& tx);

/// Whether the database has a table of that name.
[[nodiscard]] bool has_table(Tx& tx, std::string_view name);

}  // namespace countersign::store
