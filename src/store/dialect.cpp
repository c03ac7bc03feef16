#include "store/dialect.h"

#include <algorithm>
#include <array>

#include "base/check.h"

namespace countersign::store {

std::string render(std::string_view sql, std::span<const Token> tokens) {
  std::string out;
  out.reserve(sql.size());
  while (true) {
    const auto open = sql.find("{{");
    out += sql.substr(0, open);
    if (open == std::string_view::npos) return out;
    const auto close = sql.find("}}", open);
    CS_CHECK(close != std::string_view::npos);
    const auto name = sql.substr(open + 2, close - open - 2);
    const auto token = std::ranges::find(tokens, name, &Token::name);
    CS_CHECK(token != tokens.end());
    out += token->text;
    sql.remove_prefix(close + 2);
  }
}

std::span<const Token> sqlite_tokens() {
  // STRICT, because SQLite otherwise stores any type in any column, and the other engine would then be the first to
  // notice. SQLite has one writer, so a row that was read cannot change before the commit and needs no lock.
  static constexpr std::array kTokens{
      Token{"blob", "BLOB"},
      Token{"bigint", "INTEGER"},
      Token{"without_rowid", "STRICT, WITHOUT ROWID"},
      Token{"table", "STRICT"},
      Token{"for_update", ""},
      Token{"skip_locked", ""},
      Token{"index(", "INDEXED BY "},
      Token{")", ""},
      Token{"no_id", "x'00000000000000000000000000000000'"},
      Token{"catalogue",
            "(SELECT t.name AS table_name, c.name AS column_name, c.type AS column_type, c.pk AS key_place"
            " FROM sqlite_schema AS t, pragma_table_info(t.name) AS c"
            " WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\')"},
      Token{"other_sessions", "(SELECT 0)"},
      Token{"count_rows", ""},
  };
  return kTokens;
}

std::span<const Token> postgres_tokens() {
  // Rows that somebody else has locked are waited for and not skipped: nodes take turns, so that there is nothing to
  // skip, and not every database of this protocol can skip under SERIALIZABLE. The name of an index that SQLite must
  // use becomes a comment: this planner counts rows by itself.
  static constexpr std::array kTokens{
      Token{"blob", "BYTEA"},
      Token{"bigint", "BIGINT"},
      Token{"without_rowid", ""},
      Token{"table", ""},
      Token{"for_update", "FOR UPDATE"},
      Token{"skip_locked", "FOR UPDATE"},
      Token{"index(", "/* "},
      Token{")", " */"},
      Token{"no_id", "CAST('\\x00000000000000000000000000000000' AS BYTEA)"},
      Token{"catalogue",
            "(SELECT CAST(c.table_name AS TEXT) AS table_name, CAST(c.column_name AS TEXT) AS column_name,"
            " CAST(c.data_type AS TEXT) AS column_type,"
            " coalesce((SELECT CAST(k.ordinal_position AS BIGINT) FROM information_schema.table_constraints AS p"
            " JOIN information_schema.key_column_usage AS k ON k.constraint_schema = p.constraint_schema"
            " AND k.constraint_name = p.constraint_name AND k.table_name = p.table_name"
            " WHERE p.constraint_type = 'PRIMARY KEY' AND p.table_schema = c.table_schema"
            " AND p.table_name = c.table_name AND k.column_name = c.column_name), 0) AS key_place"
            " FROM information_schema.columns AS c JOIN information_schema.tables AS t"
            " ON t.table_schema = c.table_schema AND t.table_name = c.table_name"
            " WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE')"},
      Token{"other_sessions",
            "(SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND application_name = current_setting('application_name'))"},
      Token{"count_rows", "ANALYZE"},
  };
  return kTokens;
}

}  // namespace countersign::store
