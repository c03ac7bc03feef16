#pragma once

#include <cstddef>
#include <string_view>

namespace countersign::store {

// Reads the columns of a SELECT out of its text, while the program is compiled: see Columns and Sql in store/sql.h.

namespace select_list {

inline constexpr int kNoColumn = -1;

constexpr bool is_space(char c) { return c == ' ' || c == '\n'; }

constexpr std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

/// Where `word` stands outside of parentheses and quotes, with no letter beside it; npos where it does not.
constexpr std::size_t find_word(std::string_view text, std::string_view word) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\'') quoted = !quoted;
    if (quoted) continue;
    if (c == '(') ++depth;
    if (c == ')') --depth;
    if (depth != 0 || !text.substr(i).starts_with(word)) continue;
    const bool begins = word == "," || i == 0 || is_space(text[i - 1]);
    const bool ends = word == "," || i + word.size() == text.size() || is_space(text[i + word.size()]);
    if (begins && ends) return i;
  }
  return std::string_view::npos;
}

/// What stands between SELECT and FROM.
constexpr std::string_view of_statement(std::string_view statement) {
  constexpr std::string_view kSelect = "SELECT";
  constexpr std::string_view kDistinct = "DISTINCT";
  statement = trimmed(statement);
  if (!statement.starts_with(kSelect)) throw "only a SELECT has columns";
  statement = trimmed(statement.substr(kSelect.size()));
  if (statement.starts_with(kDistinct)) statement = trimmed(statement.substr(kDistinct.size()));
  return trimmed(statement.substr(0, find_word(statement, "FROM")));
}

/// What a column is called: `earliest` of `min(t.due_at) AS earliest`, `status` of `t.status`.
constexpr std::string_view name_of(std::string_view column) {
  constexpr std::string_view kAs = "AS";
  if (const auto as = find_word(column, kAs); as != std::string_view::npos)
    return trimmed(column.substr(as + kAs.size()));
  const auto dot = column.rfind('.');
  return dot == std::string_view::npos ? column : column.substr(dot + 1);
}

/// Takes the next column off the front of a list that is not empty.
constexpr std::string_view take_column(std::string_view& list) {
  const auto comma = find_word(list, ",");
  const auto column = trimmed(list.substr(0, comma));
  list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
  return column;
}

constexpr int count(std::string_view list) {
  int columns = 0;
  for (; !list.empty(); take_column(list)) ++columns;
  return columns;
}

/// Which column of the list has the name, counted from 0; kNoColumn where none has.
constexpr int find(std::string_view list, std::string_view name) {
  for (int position = 0; !list.empty(); ++position) {
    if (name_of(take_column(list)) == name) return position;
  }
  return kNoColumn;
}

}  // namespace select_list

}  // namespace countersign::store
