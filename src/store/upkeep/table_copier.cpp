#include "store/upkeep/table_copier.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "base/check.h"
#include "crypto/digest.h"

namespace countersign::store {

namespace {

/// More columns than any table has.
constexpr std::size_t kColumnsMax = 48;

/// Of a statement that has one column.
constexpr int kTheColumn = 0;

/// Tx takes an initializer_list, whose length is fixed where it is written; so there is one for each length.
template <class Use>
void with_params(const std::vector<Param>& params, const Use& use) {
  CS_CHECK(params.size() <= kColumnsMax);
  const auto use_if = [&]<std::size_t... I>(std::index_sequence<I...>) {
    if (params.size() == sizeof...(I)) use({params[I]...});
  };
  [&]<std::size_t... Length>(std::index_sequence<Length...>) {
    (use_if(std::make_index_sequence<Length>{}), ...);
  }(std::make_index_sequence<kColumnsMax + 1>{});
}

std::string quoted_name(std::string_view name) { return fmt::format("\"{}\"", name); }

std::string column_list(const CatalogueTable& table) {
  std::vector<std::string> names;
  for (const auto& column : table.columns) names.push_back(quoted_name(column.name));
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string key_list(const CatalogueTable& table) {
  std::vector<std::string> names;
  for (const auto place : table.key) names.push_back(quoted_name(table.columns[place].name));
  return fmt::format("{}", fmt::join(names, ", "));
}

/// `?1, ?2, …`
std::string placeholders(std::size_t count) {
  std::string list;
  for (std::size_t i = 1; i <= count; ++i) list += fmt::format("{}?{}", i == 1 ? "" : ", ", i);
  return list;
}

std::string select_page(const CatalogueTable& table, const std::string& where) {
  return fmt::format("SELECT {} FROM {}{} ORDER BY {} LIMIT {}", column_list(table), quoted_name(table.name), where,
                     key_list(table), TableCopier::kPage);
}

}  // namespace

void TableDigest::add(const Values& row) {
  const std::string digest = crypto::sha256(encode_values(row));
  for (std::size_t i = 0; i < sum.size(); ++i) {
    std::uint64_t part = 0;
    for (std::size_t byte = 0; byte < 8; ++byte) part = (part << 8) | static_cast<std::uint8_t>(digest[(i * 8) + byte]);
    sum[i] += part;
  }
  ++rows;
}

TableCopier::TableCopier(const CatalogueTable& table)
    : table_(table),
      first_(keep(select_page(table, ""))),
      next_(
          keep(select_page(table, fmt::format(" WHERE ({}) > ({})", key_list(table), placeholders(table.key.size()))))),
      insert_(keep(fmt::format("INSERT INTO {} ({}) VALUES ({})", quoted_name(table.name), column_list(table),
                               placeholders(table.columns.size())))),
      count_(keep(fmt::format("SELECT count(*) FROM {}", quoted_name(table.name)))),
      any_(keep(fmt::format("SELECT 1 FROM {} LIMIT 1", quoted_name(table.name)))) {
  for (const auto place : table_.key) key_kinds_.push_back(table_.columns[place].kind);
}

const Sql& TableCopier::keep(std::string text) {
  return statements_.emplace_back(texts_.emplace_back(std::move(text)));
}

std::vector<Values> TableCopier::page(Tx& tx, const std::optional<Values>& after) const {
  std::vector<Values> rows;
  const auto read = [&](const Row& row) { rows.push_back(read_values(row, table_.columns)); };
  if (!after) {
    tx.all(first_, {}, read);
    return rows;
  }
  std::vector<Param> params;
  for (std::size_t i = 0; i < after->size(); ++i) params.push_back(to_param((*after)[i], key_kinds_[i]));
  with_params(params, [&](std::initializer_list<Param> list) { tx.all(next_, list, read); });
  return rows;
}

Values TableCopier::key_of(const Values& row) const {
  Values key;
  for (const auto place : table_.key) key.push_back(row[place]);
  return key;
}

void TableCopier::insert(Tx& tx, const std::vector<Values>& rows) const {
  std::vector<Param> params;
  for (const auto& row : rows) {
    params.clear();
    for (std::size_t i = 0; i < row.size(); ++i) params.push_back(to_param(row[i], table_.columns[i].kind));
    with_params(params, [&](std::initializer_list<Param> list) { tx.put(insert_, list); });
  }
}

std::int64_t TableCopier::count(Tx& tx) const {
  std::int64_t rows = 0;
  tx.one(count_, {}, [&](const Row& row) { rows = row.integer(kTheColumn); });
  return rows;
}

bool TableCopier::is_empty(Tx& tx) const {
  return !tx.one(any_, {}, [](const Row&) {});
}

}  // namespace countersign::store
