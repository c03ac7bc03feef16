#include "unit/store/upkeep/dump.h"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <sqlite3.h>

#include <memory>
#include <stdexcept>
#include <vector>

namespace countersign::store {

namespace {

/// What is not copied: see stays_behind(). Written down once more, so that leaving out more is noticed.
bool is_own(const std::string& table) {
  return table == "schema_migrations" || table == "commit_markers" || table == "move_state" ||
         table == "move_progress" || table.starts_with("sqlite_");
}

using Texts = std::vector<std::string>;

class Sqlite {
 public:
  explicit Sqlite(const std::filesystem::path& file) {
    sqlite3* db = nullptr;
    if (sqlite3_open(file.c_str(), &db) != SQLITE_OK) throw std::runtime_error("no database " + file.string());
    db_.reset(db);
  }

  void run(const std::string& statements) {
    char* message = nullptr;
    if (sqlite3_exec(db_.get(), statements.c_str(), nullptr, nullptr, &message) != SQLITE_OK) {
      throw std::runtime_error(fmt::format("{}: {}", statements, message));
    }
  }
  std::vector<Texts> query(const std::string& statement) {
    std::vector<Texts> rows;
    sqlite3_stmt* made = nullptr;
    if (sqlite3_prepare_v2(db_.get(), statement.c_str(), -1, &made, nullptr) != SQLITE_OK) {
      throw std::runtime_error(fmt::format("{}: {}", statement, sqlite3_errmsg(db_.get())));
    }
    while (sqlite3_step(made) == SQLITE_ROW) {
      auto& row = rows.emplace_back();
      for (int i = 0; i < sqlite3_column_count(made); ++i) {
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(made, i));
        row.emplace_back(text == nullptr ? "" : text);
      }
    }
    sqlite3_finalize(made);
    return rows;
  }
  Texts tables() {
    Texts names;
    for (const auto& row : query("SELECT name FROM sqlite_schema WHERE type = 'table'")) {
      if (!is_own(row[0])) names.push_back(row[0]);
    }
    return names;
  }

 private:
  struct Close {
    void operator()(sqlite3* db) const { sqlite3_close(db); }
  };
  std::unique_ptr<sqlite3, Close> db_;
};

class Postgres {
 public:
  explicit Postgres(const std::string& url) : connection_(PQconnectdb(url.c_str()), PQfinish) {}
  std::vector<Texts> query(const std::string& statement) {
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection_.get(), statement.c_str()), PQclear);
    if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) throw std::runtime_error(PQerrorMessage(connection_.get()));
    std::vector<Texts> rows;
    for (int i = 0; i < PQntuples(result.get()); ++i) {
      auto& row = rows.emplace_back();
      for (int j = 0; j < PQnfields(result.get()); ++j) row.emplace_back(PQgetvalue(result.get(), i, j));
    }
    return rows;
  }

 private:
  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
};

/// One text for a row: each column as an expression that answers it as text, whatever it is.
template <class Database>
void dump_table(Database& database, Dump& dump, const std::string& table,
                const std::map<std::string, std::string>& columns) {
  std::string expressions;
  for (const auto& [name, as_text] : columns) {
    expressions += fmt::format("{}coalesce({}, 'NULL')", expressions.empty() ? "" : ", ", as_text);
  }
  auto& rows = dump[table];
  for (const auto& values : database.query(fmt::format("SELECT {} FROM {}", expressions, table))) {
    std::string text;
    auto value = values.begin();
    for (const auto& [name, as_text] : columns) text += fmt::format("{}={} ", name, *value++);
    rows.insert(text);
  }
}

}  // namespace

Dump dump_sqlite(const std::filesystem::path& file) {
  Sqlite database(file);
  Dump dump;
  for (const auto& table : database.tables()) {
    std::map<std::string, std::string> columns;
    for (const auto& row : database.query(fmt::format("PRAGMA table_info({})", table))) {
      columns[row[1]] = row[2] == "BLOB"
                            ? fmt::format("CASE WHEN \"{0}\" IS NOT NULL THEN lower(hex(\"{0}\")) END", row[1])
                            : fmt::format("CAST(\"{}\" AS TEXT)", row[1]);
    }
    dump_table(database, dump, table, columns);
  }
  return dump;
}

Dump dump_postgres(const std::string& url) {
  Postgres database(url);
  Dump dump;
  for (const auto& name : database.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")) {
    const std::string& table = name[0];
    if (is_own(table)) continue;
    std::map<std::string, std::string> columns;
    for (const auto& row : database.query(
             fmt::format("SELECT attname, format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = '{}'::regclass"
                         " AND attnum > 0 AND NOT attisdropped",
                         table))) {
      columns[row[0]] =
          row[1] == "bytea" ? fmt::format("encode({}, 'hex')", row[0]) : fmt::format("CAST(\"{}\" AS TEXT)", row[0]);
    }
    dump_table(database, dump, table, columns);
  }
  return dump;
}

void fill_sqlite(const std::filesystem::path& file, int rows) {
  Sqlite database(file);
  database.run("BEGIN");
  for (const auto& table : database.tables()) {
    std::string names;
    std::string full;
    std::string sparse;
    for (const auto& row : database.query(fmt::format("PRAGMA table_info({})", table))) {
      const std::string value = row[2] == "BLOB"   ? "randomblob(16)"
                                : row[2] == "TEXT" ? "'ü' || lower(hex(randomblob(8)))"
                                                   : "random()";
      const char* const comma = names.empty() ? "" : ", ";
      names += fmt::format("{}\"{}\"", comma, row[1]);
      full += comma + value;
      sparse += comma + (row[3] == "0" ? "NULL" : value);
    }
    const std::string insert = fmt::format(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) INSERT INTO {} ({}) SELECT ",
        (rows + 1) / 2, table, names);
    database.run(fmt::format("{}{} FROM n; {}{} FROM n", insert, full, insert, sparse));
  }
  database.run("COMMIT");
}

void run_sqlite(const std::filesystem::path& file, const std::string& statements) { Sqlite(file).run(statements); }

}  // namespace countersign::store
