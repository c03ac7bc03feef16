#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

struct sqlite3;

namespace countersign::demo {

/// Bytes are stored as they are, text as text.
struct Blob {
  std::string bytes;
};
using SqlValue = std::variant<std::nullptr_t, std::int64_t, std::string, Blob>;

/// One row; columns are numbered from 0. Reading a column as something else than it is throws.
class SqlRow {
 public:
  explicit SqlRow(std::vector<SqlValue> values) : values_(std::move(values)) {}
  [[nodiscard]] std::int64_t integer(std::size_t column) const { return std::get<std::int64_t>(values_.at(column)); }
  [[nodiscard]] const std::string& text(std::size_t column) const { return std::get<std::string>(values_.at(column)); }
  [[nodiscard]] const std::string& bytes(std::size_t column) const { return std::get<Blob>(values_.at(column)).bytes; }
  [[nodiscard]] bool is_null(std::size_t column) const { return values_.at(column).index() == 0; }

 private:
  std::vector<SqlValue> values_;
};

/// The box office's own SQLite file (mode 0600). One connection, for one thread; several may have the file open. What
/// SQLite refuses, other than at opening, throws std::runtime_error.
class Database {
 public:
  /// Makes the file, and brings its tables to what this program uses.
  [[nodiscard]] static Result<std::unique_ptr<Database>, std::string> open(const std::filesystem::path& path);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  std::vector<SqlRow> all(std::string_view sql, std::initializer_list<SqlValue> values = {});
  std::optional<SqlRow> one(std::string_view sql, std::initializer_list<SqlValue> values = {});
  /// How many rows it changed.
  int run(std::string_view sql, std::initializer_list<SqlValue> values = {});

  /// All or nothing, and durable when it returns.
  void transact(const std::function<void()>& work);

 private:
  explicit Database(sqlite3* handle) : handle_(handle) {}

  sqlite3* handle_;
};

}  // namespace countersign::demo
