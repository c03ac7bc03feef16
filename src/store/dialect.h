#pragma once

#include <span>
#include <string>
#include <string_view>

#include "store/sql.h"

namespace countersign::store {

/// `sql` with every `{{name}}` replaced by its text. An unknown name is a bug and aborts.
[[nodiscard]] std::string render(std::string_view sql, std::span<const Token> tokens);

/// A statement as an engine with these tokens spells it: first its own tokens are replaced, then the engine's.
[[nodiscard]] std::string render(const Sql& sql, std::span<const Token> tokens);

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
/// | `{{each(}}`, `{{)each}}` | around a JSON array of texts: a table of `key`, from 0, and `value` |
/// | `{{no_id}}`         | in place of a value: an id that nothing has, sixteen zeros    |
/// | `{{catalogue}}`     | in place of a table: see below                               |
/// | `{{other_sessions}}` | in place of a value: sessions of this program beside this one |
/// | `{{count_rows}}`    | in a script: lets the planner learn how many rows there are  |
///
/// The catalogue has all columns of all tables: `table_name`, `column_name`, `column_type`, and `key_place`, the
/// 1-based position in the primary key, or 0.
///
/// The index is named because SQLite, until rows are counted, assumes that the first column of a key matches ten rows;
/// it prefers a scan of all rows of an account to an index that finds the few of one subject.
[[nodiscard]] std::span<const Token> sqlite_tokens();

/// PostgreSQL's spelling, also used by CockroachDB and YugabyteDB.
[[nodiscard]] std::span<const Token> postgres_tokens();

}  // namespace countersign::store
