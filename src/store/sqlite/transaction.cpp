#include "store/sqlite/transaction.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <string>

#include "base/check.h"
#include "store/dialect.h"
#include "store/storable_text.h"

namespace countersign::store::sqlite {

namespace {

constexpr Sql kSavepoint{"SAVEPOINT unit"};
constexpr Sql kRelease{"RELEASE unit"};
constexpr Sql kRollBackTo{"ROLLBACK TO unit"};

/// Leaves the statement ready for its next use, whichever way its user goes.
class Reset {
 public:
  explicit Reset(sqlite3_stmt* statement) : statement_(statement) {}
  ~Reset() { sqlite3_reset(statement_); }
  Reset(const Reset&) = delete;
  Reset& operator=(const Reset&) = delete;

 private:
  sqlite3_stmt* statement_;
};

class Row final : public store::Row {
 public:
  explicit Row(sqlite3_stmt* statement) : statement_(statement) {}

  [[nodiscard]] bool is_null(int column) const override { return sqlite3_value_type(value(column)) == SQLITE_NULL; }
  [[nodiscard]] std::int64_t integer(int column) const override {
    return sqlite3_value_int64(expect(column, SQLITE_INTEGER));
  }
  [[nodiscard]] std::string_view text(int column) const override {
    sqlite3_value* const text = expect(column, SQLITE_TEXT);
    const auto* data = reinterpret_cast<const char*>(sqlite3_value_text(text));
    return {data, static_cast<std::size_t>(sqlite3_value_bytes(text))};
  }
  [[nodiscard]] std::string_view blob(int column) const override {
    sqlite3_value* const blob = expect(column, SQLITE_BLOB);
    const auto* data = static_cast<const char*>(sqlite3_value_blob(blob));
    return {data, static_cast<std::size_t>(sqlite3_value_bytes(blob))};
  }

 private:
  /// Looked up once, where each sqlite3_column_… does it again. Such a value may be used by one thread only, as is the
  /// connection.
  [[nodiscard]] sqlite3_value* value(int column) const {
    CS_CHECK(column < sqlite3_column_count(statement_));
    return sqlite3_column_value(statement_, column);
  }
  [[nodiscard]] sqlite3_value* expect(int column, int type) const {
    sqlite3_value* const found = value(column);
    const int actual = sqlite3_value_type(found);
    if (actual == type) return found;
    throw StoreFailure(
        {StoreError::Code::kUnreadable, fmt::format("column {} ({}) has type {}, not {}", column,
                                                    sqlite3_column_name(statement_, column), actual, type)});
  }

  sqlite3_stmt* statement_;
};

int bind(sqlite3_stmt* statement, int index, const Param& param) {
  // A null pointer would be bound as NULL, and an empty view may have one.
  const char* const data = param.bytes().empty() ? "" : param.bytes().data();
  switch (param.kind()) {
    case Param::Kind::kNull:
      return sqlite3_bind_null(statement, index);
    case Param::Kind::kInteger:
      return sqlite3_bind_int64(statement, index, param.integer());
    case Param::Kind::kText:
      require_storable(param.bytes());
      return sqlite3_bind_text64(statement, index, data, param.bytes().size(), SQLITE_STATIC, SQLITE_UTF8);
    case Param::Kind::kBlob:
      return sqlite3_bind_blob64(statement, index, data, param.bytes().size(), SQLITE_STATIC);
  }
  CS_CHECK(false);
}

}  // namespace

sqlite3_stmt* Tx::start(const Sql& sql, std::initializer_list<Param> params) {
  ++statements_;
  sqlite3_stmt* const statement = connection_.prepared(sql, params);
  if (sqlite3_stmt_readonly(statement) == 0) before_write();
  CS_CHECK(sqlite3_bind_parameter_count(statement) == static_cast<int>(params.size()));
  int index = 0;
  for (const Param& param : params) {
    const int code = bind(statement, ++index, param);
    if (code != SQLITE_OK) connection_.fail(code);
  }
  return statement;
}

void Tx::before_write() {
  CS_CHECK(mode_ != Mode::kRead);
  if (written_) return;
  // Opened here and not before the unit, so that units which only look pay nothing.
  if (mode_ == Mode::kWriteBehindSavepoint) connection_.run(kSavepoint);
  written_ = true;
}

std::int64_t Tx::exec(const Sql& sql, std::initializer_list<Param> params) {
  CS_CHECK(mode_ != Mode::kRead);
  sqlite3_stmt* const statement = start(sql, params);
  const Reset reset(statement);
  const int code = sqlite3_step(statement);
  if (code != SQLITE_DONE && code != SQLITE_ROW) connection_.fail(code);
  CS_CHECK(code == SQLITE_DONE);
  return sqlite3_changes64(connection_.handle());
}

bool Tx::one(const Sql& sql, std::initializer_list<Param> params, FunctionRef<void(const store::Row&)> read) {
  // Resetting before the last row is enough for `… RETURNING` too: its changes are all made before the first row.
  sqlite3_stmt* const statement = start(sql, params);
  const Reset reset(statement);
  const int code = sqlite3_step(statement);
  if (code == SQLITE_DONE) return false;
  if (code != SQLITE_ROW) connection_.fail(code);
  read(Row(statement));
  return true;
}

void Tx::all(const Sql& sql, std::initializer_list<Param> params, FunctionRef<void(const store::Row&)> read) {
  sqlite3_stmt* const statement = start(sql, params);
  const Reset reset(statement);
  const Row row(statement);
  int code = sqlite3_step(statement);
  for (; code == SQLITE_ROW; code = sqlite3_step(statement)) read(row);
  if (code != SQLITE_DONE) connection_.fail(code);
}

void Tx::script(std::string_view statements) {
  before_write();
  connection_.run_once(render(statements, sqlite_tokens()));
}

store::Tx::Space Tx::space() {
  const auto ask = [&](const char* pragma) { return std::stoll(connection_.query_once(pragma)); };
  return {ask("PRAGMA page_count"), ask("PRAGMA freelist_count"), ask("PRAGMA page_size")};
}

void Tx::give_back(std::int64_t pages) {
  CS_CHECK(pages > 0);  // Zero would mean all of them.
  before_write();
  connection_.run_once(fmt::format("PRAGMA incremental_vacuum({})", pages));
}

void Tx::keep_writes() {
  if (written_ && mode_ == Mode::kWriteBehindSavepoint) connection_.run(kRelease);
}

bool Tx::undo_writes() {
  if (!written_) return true;
  if (mode_ != Mode::kWriteBehindSavepoint) return false;
  connection_.run(kRollBackTo);
  connection_.run(kRelease);
  return true;
}

}  // namespace countersign::store::sqlite
