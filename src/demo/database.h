#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

struct sqlite3;

namespace countersign::demo {

/// Binds as bytes; a string binds as text.
struct Blob {
  std::string bytes;
};
using SqlValue = std::variant<std::nullptr_t, std::int64_t, std::string, Blob>;

/// The value of a placeholder `:name`.
struct SqlParameter {
  std::string_view name;
  SqlValue value;
};

/// One row, read by the names of its columns. Reading a column that is not there, or as something else than it is,
/// throws. (What serves few pages a second may look a name up each time; the server's store does not: store/sql.h.)
class SqlRow {
 public:
  explicit SqlRow(std::map<std::string, SqlValue, std::less<>> columns) : columns_(std::move(columns)) {}
  [[nodiscard]] std::int64_t integer(std::string_view column) const { return std::get<std::int64_t>(at(column)); }
  [[nodiscard]] const std::string& text(std::string_view column) const { return std::get<std::string>(at(column)); }
  [[nodiscard]] const std::string& bytes(std::string_view column) const { return std::get<Blob>(at(column)).bytes; }
  [[nodiscard]] bool is_null(std::string_view column) const { return at(column).index() == 0; }

 private:
  [[nodiscard]] const SqlValue& at(std::string_view column) const;

  std::map<std::string, SqlValue, std::less<>> columns_;
};

/// The box office's SQLite file (mode 0600). One connection, for one thread; the file may be open several times. Errors
/// of SQLite after opening throw std::runtime_error.
class Database {
 public:
  /// Creates the file, and brings its schema up to date.
  [[nodiscard]] static Result<std::unique_ptr<Database>, std::string> open(const std::filesystem::path& path);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// One statement, with a value for each of its placeholders. Others than these throw.
  std::vector<SqlRow> all(std::string_view sql, std::initializer_list<SqlParameter> values = {});
  std::optional<SqlRow> one(std::string_view sql, std::initializer_list<SqlParameter> values = {});
  /// How many rows it changed.
  int run(std::string_view sql, std::initializer_list<SqlParameter> values = {});

  /// Atomic, and durable on return.
  void transact(const std::function<void()>& work);

 private:
  explicit Database(sqlite3* handle) : handle_(handle) {}

  sqlite3* handle_;
};

}  // namespace countersign::demo
