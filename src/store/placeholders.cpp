#include "store/placeholders.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>

#include "base/ascii.h"
#include "base/check.h"

namespace countersign::store {

namespace {

bool is_name_part(char c) { return is_letter(c) || is_digit(c) || c == '_'; }

/// Calls `text` with what lies between placeholders, and `placeholder` with each of them, `:name` or `?N`, in turn.
/// What stands in quotes is text, and so is PostgreSQL's `::type`.
template <class Text, class Placeholder>
void split_placeholders(std::string_view sql, Text text, Placeholder placeholder) {
  bool quoted = false;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    if (sql[i] == '\'') quoted = !quoted;
    if (quoted || i + 1 == sql.size()) continue;
    const bool named = sql[i] == ':' && is_name_part(sql[i + 1]) && (i == 0 || sql[i - 1] != ':');
    const bool numbered = sql[i] == '?' && is_digit(sql[i + 1]);
    if (!named && !numbered) continue;
    text(sql.substr(begin, i - begin));
    begin = i++;
    while (i < sql.size() && is_name_part(sql[i])) ++i;
    placeholder(sql.substr(begin, i - begin));
    begin = i--;
  }
  text(sql.substr(begin));
}

}  // namespace

std::vector<std::string_view> placeholders(std::string_view sql) {
  std::vector<std::string_view> names;
  split_placeholders(
      sql, [](std::string_view) {},
      [&](std::string_view placeholder) {
        const auto name = placeholder.substr(1);
        if (placeholder.front() == ':' && std::ranges::find(names, name) == names.end()) names.push_back(name);
      });
  return names;
}

std::string with_numbers(std::string_view sql) {
  const auto names = placeholders(sql);
  std::string out;
  split_placeholders(
      sql, [&](std::string_view text) { out += text; },
      [&](std::string_view placeholder) {
        const auto name = placeholder.substr(1);
        out += '$';
        if (placeholder.front() == '?')
          out += name;
        else
          out += std::to_string(std::ranges::find(names, name) - names.begin() + 1);
      });
  return out;
}

void check_values(std::string_view sql, std::initializer_list<Param> params) {
  const auto names = placeholders(sql);
  std::vector<std::string_view> given;
  for (const Param& param : params) given.push_back(param.name());
  const bool unnamed = std::ranges::all_of(given, &std::string_view::empty);
  // Without names in the text it is one with `?N`, as tests and the copier of tables write them.
  if (unnamed && (names.empty() || (names.size() == given.size() && given.size() <= kUnnamedMax))) return;
  if (names == given) return;
  fmt::print(stderr, "values for [{}] where the placeholders are [{}]: {}\n", fmt::join(given, ", "),
             fmt::join(names, ", "), sql);
  CS_CHECK(names == given);
}

}  // namespace countersign::store
