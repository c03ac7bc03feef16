#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>

namespace countersign::store {

/// Table → its rows, each as `column=value` in the order of the columns' names. Read by the engines' own interfaces,
/// and with lists of tables of their own, so that it shares nothing with what it checks.
using Dump = std::map<std::string, std::multiset<std::string>>;

[[nodiscard]] Dump dump_sqlite(const std::filesystem::path& file);
[[nodiscard]] Dump dump_postgres(const std::string& url);

/// Puts so many rows into every table there is, with something different in every column, and NULL in half of the rows
/// where it may be.
void fill_sqlite(const std::filesystem::path& file, int rows);

/// Runs statements on the file.
void run_sqlite(const std::filesystem::path& file, const std::string& statements);

}  // namespace countersign::store
