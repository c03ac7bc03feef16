#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "store/param.h"
#include "store/row.h"
#include "store/upkeep/catalogue.h"

namespace countersign::store {

/// One value of a row, copied: NULL, an integer, or text or bytes depending on the column.
using Value = std::variant<std::monostate, std::int64_t, std::string>;
using Values = std::vector<Value>;

/// The row's columns, which are `columns` in this order.
[[nodiscard]] Values read_values(const Row& row, const std::vector<CatalogueColumn>& columns);

/// Borrows `value`.
[[nodiscard]] Param to_param(const Value& value, ColumnKind kind);

/// A unique string for a list of values; for digests, and to be stored.
[[nodiscard]] std::string encode_values(const Values& values);
/// Reverses encode_values(). Throws StoreFailure (kCorrupt) for anything else.
[[nodiscard]] Values decode_values(std::string_view text);

}  // namespace countersign::store
