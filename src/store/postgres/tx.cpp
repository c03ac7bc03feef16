#include "store/postgres/tx.h"

#include <fmt/format.h>

#include "base/check.h"
#include "store/dialect.h"

namespace countersign::store::postgres {

namespace {

/// A migration may take longer than a statement may otherwise, and wait for a table that others use.
constexpr std::string_view kWithoutDeadlines = "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0;";

bool only_reads(std::string_view sql) { return sql.starts_with("SELECT"); }

}  // namespace

void Tx::before(const Sql& sql) {
  if (strand_ != nullptr) strand_->may_go_on();  // If not, it has done nothing.
  ++statements_;
  transaction_.begin_if_needed();
  // Opened for a look already: a failed statement of any kind spoils a transaction as far back as the last savepoint.
  if (mode_ == Mode::kWriteBehindSavepoint && !has_savepoint_) {
    transaction_.connection().put("SAVEPOINT unit");
    has_savepoint_ = true;
  }
  if (mode_ == Mode::kRead || only_reads(sql.text())) return;
  written_ = true;
  transaction_.will_write();
}

QueryResult Tx::get(const Sql& sql, std::initializer_list<Param> params) {
  before(sql);
  return strand_ == nullptr ? transaction_.connection().get(sql, params) : strand_->get(sql, params);
}

std::int64_t Tx::exec(const Sql& sql, std::initializer_list<Param> params) {
  CS_CHECK(mode_ != Mode::kRead);
  const QueryResult result = get(sql, params);
  CS_CHECK(row_count(result.get()) == 0);
  return changed_rows(result.get());
}

void Tx::put(const Sql& sql, std::initializer_list<Param> params) {
  CS_CHECK(mode_ != Mode::kRead);
  before(sql);
  if (strand_ == nullptr)
    transaction_.connection().put(sql, params);
  else
    strand_->put(sql, params);
}

bool Tx::one(const Sql& sql, std::initializer_list<Param> params, FunctionRef<void(const store::Row&)> read) {
  const QueryResult result = get(sql, params);
  if (row_count(result.get()) == 0) return false;
  read(Row(result.get(), 0));
  return true;
}

void Tx::all(const Sql& sql, std::initializer_list<Param> params, FunctionRef<void(const store::Row&)> read) {
  const QueryResult result = get(sql, params);
  for (int row = 0; row < row_count(result.get()); ++row) read(Row(result.get(), row));
}

void Tx::script(std::string_view statements) {
  CS_CHECK(mode_ != Mode::kRead);
  static constexpr Sql kNothing{"script"};
  if (strand_ != nullptr) strand_->alone();
  before(kNothing);
  transaction_.connection().script(fmt::format("{}{}", kWithoutDeadlines, render(statements, postgres_tokens())));
}

void Tx::keep_writes() {
  if (!has_savepoint_) return;
  transaction_.connection().put("RELEASE SAVEPOINT unit");
  transaction_.connection().settle();
}

void Tx::undo_writes() {
  if (!has_savepoint_) return;
  transaction_.connection().recover();
  transaction_.connection().put("ROLLBACK TO SAVEPOINT unit");
  transaction_.connection().put("RELEASE SAVEPOINT unit");
}

}  // namespace countersign::store::postgres
