#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "store/param.h"

namespace countersign::store {

/// Values of a statement that may be given by their order alone; more must be named.
inline constexpr std::size_t kUnnamedMax = 2;

/// The names of the placeholders `:name` of a statement, each once, in the order in which they first appear. That is
/// how SQLite numbers them.
[[nodiscard]] std::vector<std::string_view> placeholders(std::string_view sql);

/// The statement with each placeholder `:name` replaced by `$N`, numbered in the same way; also `?N` by `$N`.
[[nodiscard]] std::string with_numbers(std::string_view sql);

/// Ends the process, with a sentence on stderr, unless the values are those of the statement's placeholders, in their
/// order, as Param says. For when a statement is prepared.
void check_values(std::string_view sql, std::initializer_list<Param> params);

}  // namespace countersign::store
