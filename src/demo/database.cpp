#include "demo/database.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <iterator>
#include <stdexcept>

#include "demo/files.h"

namespace countersign::demo {

namespace {

constexpr int kBusyMilliseconds = 5000;

[[noreturn]] void sqlite_failed(sqlite3* handle) {
  throw std::runtime_error(std::string("the box office's database: ") + sqlite3_errmsg(handle));
}

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

void bind(sqlite3_stmt* statement, int index, const SqlValue& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    sqlite3_bind_int64(statement, index, *number);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    sqlite3_bind_text(statement, index, text->data(), static_cast<int>(text->size()), SQLITE_TRANSIENT);
  } else if (const auto* blob = std::get_if<Blob>(&value)) {
    sqlite3_bind_blob(statement, index, blob->bytes.data(), static_cast<int>(blob->bytes.size()), SQLITE_TRANSIENT);
  } else {
    sqlite3_bind_null(statement, index);
  }
}

std::string bytes_of(sqlite3_stmt* statement, int column) {
  const void* data = sqlite3_column_blob(statement, column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
  return size == 0 ? std::string() : std::string(static_cast<const char*>(data), size);
}

SqlValue value_of(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return static_cast<std::int64_t>(sqlite3_column_int64(statement, column));
    case SQLITE_TEXT:
      return bytes_of(statement, column);
    case SQLITE_BLOB:
      return Blob{bytes_of(statement, column)};
    default:
      return nullptr;
  }
}

/// SQLite would create it readable for everybody.
void make_private(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0) close(fd);
}

void bind_all(sqlite3_stmt* statement, std::initializer_list<SqlParameter> values) {
  if (sqlite3_bind_parameter_count(statement) != std::ssize(values))
    throw std::logic_error(std::string("the wrong number of values for: ") + sqlite3_sql(statement));
  for (const auto& [name, value] : values) {
    const int index = sqlite3_bind_parameter_index(statement, (":" + std::string(name)).c_str());
    if (index == 0) throw std::logic_error("no placeholder :" + std::string(name) + " in: " + sqlite3_sql(statement));
    bind(statement, index, value);
  }
}

SqlRow row_of(sqlite3_stmt* statement) {
  std::map<std::string, SqlValue, std::less<>> columns;
  for (int column = 0; column < sqlite3_column_count(statement); ++column)
    columns.emplace(sqlite3_column_name(statement, column), value_of(statement, column));
  return SqlRow(std::move(columns));
}

}  // namespace

const SqlValue& SqlRow::at(std::string_view column) const {
  const auto found = columns_.find(column);
  if (found == columns_.end()) throw std::logic_error("no column is called " + std::string(column));
  return found->second;
}

Result<std::unique_ptr<Database>, std::string> Database::open(const std::filesystem::path& path) {
  make_private(path);
  sqlite3* handle = nullptr;
  const int opened = sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  std::unique_ptr<Database> database(new Database(handle));
  if (opened != SQLITE_OK) return fail(path.string() + ": " + sqlite3_errmsg(handle));
  sqlite3_busy_timeout(handle, kBusyMilliseconds);
  const std::string schema(file("data/schema.sql"));
  if (sqlite3_exec(handle, schema.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    return fail(path.string() + ": " + sqlite3_errmsg(handle));
  return database;
}

Database::~Database() { sqlite3_close(handle_); }

std::vector<SqlRow> Database::all(std::string_view sql, std::initializer_list<SqlParameter> values) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v2(handle_, sql.data(), static_cast<int>(sql.size()), &raw, nullptr) != SQLITE_OK)
    sqlite_failed(handle_);
  const Statement statement(raw);
  bind_all(raw, values);
  std::vector<SqlRow> rows;
  for (;;) {
    const int step = sqlite3_step(raw);
    if (step == SQLITE_DONE) return rows;
    if (step != SQLITE_ROW) sqlite_failed(handle_);
    rows.push_back(row_of(raw));
  }
}

std::optional<SqlRow> Database::one(std::string_view sql, std::initializer_list<SqlParameter> values) {
  auto rows = all(sql, values);
  if (rows.empty()) return std::nullopt;
  return std::move(rows.front());
}

int Database::run(std::string_view sql, std::initializer_list<SqlParameter> values) {
  all(sql, values);
  return sqlite3_changes(handle_);
}

void Database::transact(const std::function<void()>& work) {
  run("BEGIN IMMEDIATE");
  try {
    work();
    run("COMMIT");
  } catch (...) {
    sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
    throw;
  }
}

}  // namespace countersign::demo
