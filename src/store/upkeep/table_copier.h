#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "store/store.h"
#include "store/upkeep/catalogue.h"
#include "store/upkeep/value.h"

namespace countersign::store {

/// A digest of a table's content, independent of row order: the number of rows, and the sum of their SHA-256 as four
/// numbers.
struct TableDigest {
  std::int64_t rows = 0;
  std::array<std::uint64_t, 4> sum{};

  void add(const Values& row);
  friend bool operator==(const TableDigest&, const TableDigest&) = default;
};

/// Reads and writes one table page by page, in primary key order, so that a page costs the same at the end as at the
/// beginning, and only a few hundred rows are held. Its statements are built from the catalogue; they live as long as
/// this object, which must outlive units that use them.
class TableCopier {
 public:
  explicit TableCopier(const CatalogueTable& table);
  TableCopier(const TableCopier&) = delete;
  TableCopier& operator=(const TableCopier&) = delete;

  static constexpr int kPage = 256;

  [[nodiscard]] const CatalogueTable& table() const { return table_; }

  /// The next rows after that key, at most kPage: fewer mean the end.
  [[nodiscard]] std::vector<Values> page(Tx& tx, const std::optional<Values>& after) const;
  [[nodiscard]] Values key_of(const Values& row) const;
  void insert(Tx& tx, const std::vector<Values>& rows) const;

  [[nodiscard]] std::int64_t count(Tx& tx) const;
  [[nodiscard]] bool is_empty(Tx& tx) const;

 private:
  const Sql& keep(std::string text);

  const CatalogueTable table_;
  std::vector<ColumnKind> key_kinds_;
  std::deque<std::string> texts_;
  std::deque<Sql> statements_;
  const Sql& first_;
  const Sql& next_;
  const Sql& insert_;
  const Sql& count_;
  const Sql& any_;
};

}  // namespace countersign::store
