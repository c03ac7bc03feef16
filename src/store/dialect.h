#pragma once

#include <span>
#include <string>
#include <string_view>

namespace countersign::store {

/// One thing that the engines spell differently.
struct Token {
  std::string_view name;
  std::string_view text;
};

/// `sql` with every `{{name}}` replaced by its text. An unknown name is a bug and ends the process.
[[nodiscard]] std::string render(std::string_view sql, std::span<const Token> tokens);

/// SQLite's spelling.
///
/// | token             | meaning                                                      |
/// | `{{blob}}`          | type of a column of bytes                                    |
/// | `{{bigint}}`        | type of a 64-bit integer; also times and booleans            |
/// | `{{without_rowid}}` | after `)` of CREATE TABLE: rows are kept in primary key order |
/// | `{{table}}`         | the same place, for a table that is kept by rowid            |
/// | `{{for_update}}`    | at the end of a SELECT: locks the rows that are read         |
/// | `{{skip_locked}}`   | the same, leaving out rows that somebody else has locked     |
/// | `{{index(}}`, `{{)}}` | behind a table's name, around the index that must be used   |
/// | `{{no_id}}`         | in place of a value: an id that nothing has, sixteen zeros    |
/// | `{{catalogue}}`     | in place of a table: see below                               |
/// | `{{other_sessions}}` | in place of a value: sessions of this program beside this one |
/// | `{{count_rows}}`    | in a script: lets the planner learn how many rows there are  |
///
/// The catalogue has all columns of all tables: `table_name`, `column_name`, `column_type`, and `key_place`, which is
/// counted from 1 within the primary key and 0 outside of it.
///
/// The index because SQLite, as long as nobody has counted the rows, takes the first column of a key to leave ten of
/// them; it prefers a scan of all rows of an account to an index that would lead to the few of one subject.
[[nodiscard]] std::span<const Token> sqlite_tokens();

/// PostgreSQL's spelling, which CockroachDB and YugabyteDB share.
[[nodiscard]] std::span<const Token> postgres_tokens();

}  // namespace countersign::store
