#include "store/dialect.h"

#include <algorithm>
#include <array>

#include "base/check.h"

namespace countersign::store {

namespace {

/// Replaces tokens; the texts of a statement's own ones may have tokens in them.
void append_rendered(std::string& out, std::string_view sql, std::span<const Token> own,
                     std::span<const Token> engine) {
  while (true) {
    const auto open = sql.find("{{");
    out += sql.substr(0, open);
    if (open == std::string_view::npos) return;
    const auto close = sql.find("}}", open);
    CS_CHECK(close != std::string_view::npos);
    const auto name = sql.substr(open + 2, close - open - 2);
    CS_CHECK(!name.empty());
    if (const auto token = std::ranges::find(own, name, &Token::name); token != own.end()) {
      append_rendered(out, token->text, own, engine);
    } else {
      const auto common = std::ranges::find(engine, name, &Token::name);
      CS_CHECK(common != engine.end());
      out += common->text;
    }
    sql.remove_prefix(close + 2);
  }
}

}  // namespace

std::string render(std::string_view sql, std::span<const Token> tokens) {
  std::string out;
  out.reserve(sql.size());
  append_rendered(out, sql, {}, tokens);
  return out;
}

std::string render(const Sql& sql, std::span<const Token> tokens) {
  std::string out;
  out.reserve(sql.text().size());
  append_rendered(out, sql.text(), sql.tokens(), tokens);
  return out;
}

std::span<const Token> sqlite_tokens() {
  // STRICT, because SQLite otherwise stores any type in any column, and only the other engine would notice. SQLite has
  // one writer, so a row that was read cannot change before the commit and needs no lock, and the process that makes
  // ids of events knows the last one.
  static constexpr std::array kTokens{
      Token{"blob", "BLOB"},
      Token{"bigint", "INTEGER"},
      Token{"without_rowid", "STRICT, WITHOUT ROWID"},
      Token{"table", "STRICT"},
      Token{"for_update", ""},
      Token{"skip_locked", ""},
      Token{"index(", "INDEXED BY "},
      Token{")", ""},
      Token{"each(", "json_each("},
      Token{")each", ")"},
      Token{"no_id", "x'00000000000000000000000000000000'"},
      Token{"catalogue",
            R"sql((
            SELECT t.name AS table_name, c.name AS column_name, c.type AS column_type, c.pk AS key_place
            FROM sqlite_schema AS t, pragma_table_info(t.name) AS c
            WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\_%' ESCAPE '\'
          ))sql"},
      Token{"other_sessions", "(SELECT 0)"},
      Token{"count_rows", ""},
      Token{"first_event_id", ":first_id"},
      Token{"lock_to_the_end(", "("},
      Token{")lock_to_the_end", ")"},
  };
  return kTokens;
}

std::span<const Token> postgres_tokens() {
  // Waits for rows locked by others instead of skipping them: nodes take turns, so there is nothing to skip, and not
  // every database with this protocol can skip under SERIALIZABLE. The index that SQLite must use becomes a comment:
  // this planner counts rows itself.
  static constexpr std::array kTokens{
      Token{"blob", "BYTEA"},
      Token{"bigint", "BIGINT"},
      Token{"without_rowid", ""},
      Token{"table", ""},
      Token{"for_update", "FOR UPDATE"},
      Token{"skip_locked", "FOR UPDATE"},
      Token{"index(", "/* "},
      Token{")", " */"},
      Token{"each(", "(SELECT n - 1 AS key, value FROM jsonb_array_elements_text(CAST("},
      Token{")each", " AS JSONB)) WITH ORDINALITY AS e(value, n))"},
      Token{"no_id", "CAST('\\x00000000000000000000000000000000' AS BYTEA)"},
      Token{"catalogue",
            R"sql((
            SELECT
              CAST(c.table_name AS TEXT) AS table_name,
              CAST(c.column_name AS TEXT) AS column_name,
              CAST(c.data_type AS TEXT) AS column_type,
              coalesce((
                SELECT CAST(k.ordinal_position AS BIGINT)
                FROM information_schema.table_constraints AS p
                JOIN information_schema.key_column_usage AS k
                  ON k.constraint_schema = p.constraint_schema AND k.constraint_name = p.constraint_name
                  AND k.table_name = p.table_name
                WHERE p.constraint_type = 'PRIMARY KEY' AND p.table_schema = c.table_schema
                  AND p.table_name = c.table_name AND k.column_name = c.column_name), 0) AS key_place
            FROM information_schema.columns AS c
            JOIN information_schema.tables AS t
              ON t.table_schema = c.table_schema AND t.table_name = c.table_name
            WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE'
          ))sql"},
      Token{"other_sessions", R"sql((
            SELECT count(*)
            FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()
              AND application_name = current_setting('application_name')
          ))sql"},
      Token{"count_rows", "ANALYZE"},
      Token{"first_event_id",
            R"sql(greatest(:first_id, coalesce((
            SELECT decode(
                lpad(to_hex(CAST(CAST('x' || encode(substr(first_id, 1, 8), 'hex') AS BIT(64)) AS BIGINT) + 2), 16, '0'),
                'hex') || substr(:first_id, 9)
            FROM event_bundles
            WHERE account_id = :account_id
            ORDER BY first_id DESC
            LIMIT 1), :first_id))
          )sql"},
      Token{"lock_to_the_end(", "pg_advisory_xact_lock("},
      Token{")lock_to_the_end", ")"},
  };
  return kTokens;
}

}  // namespace countersign::store
