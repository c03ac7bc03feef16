#include "demo/database.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

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

/// SQLite would make it readable for everybody.
void make_private(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0) close(fd);
}

}  // namespace

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

std::vector<SqlRow> Database::all(std::string_view sql, std::initializer_list<SqlValue> values) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v2(handle_, sql.data(), static_cast<int>(sql.size()), &raw, nullptr) != SQLITE_OK)
    sqlite_failed(handle_);
  const Statement statement(raw);
  int index = 0;
  for (const auto& value : values) bind(raw, ++index, value);
  std::vector<SqlRow> rows;
  for (;;) {
    const int step = sqlite3_step(raw);
    if (step == SQLITE_DONE) return rows;
    if (step != SQLITE_ROW) sqlite_failed(handle_);
    std::vector<SqlValue> row(static_cast<std::size_t>(sqlite3_column_count(raw)));
    for (std::size_t column = 0; column < row.size(); ++column) row[column] = value_of(raw, static_cast<int>(column));
    rows.emplace_back(std::move(row));
  }
}

std::optional<SqlRow> Database::one(std::string_view sql, std::initializer_list<SqlValue> values) {
  auto rows = all(sql, values);
  if (rows.empty()) return std::nullopt;
  return std::move(rows.front());
}

int Database::run(std::string_view sql, std::initializer_list<SqlValue> values) {
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
