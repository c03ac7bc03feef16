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
  };
  return kTokens;
}

}  // namespace countersign::store
