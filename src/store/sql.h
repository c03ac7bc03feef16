#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <string_view>

#include "store/select_list.h"

namespace countersign::store {

/// A `{{name}}` in the text of a statement, and its replacement.
struct Token {
  std::string_view name;
  std::string_view text;
};

/// The columns read by several statements, defined once beside the code that reads them:
///
///     constexpr Columns kSubject{"s.id, s.created_at, s.sends_count"};
///
/// A statement made with them contains `SELECT {{columns}} FROM …`, and the code that reads a row uses
/// `row.time(kSubject["created_at"])`.
class Columns {
 public:
  /// `list` is the text after SELECT.
  consteval explicit Columns(std::string_view list) : list_(list) {}

  /// The position of a column, for Row, by its name: the text after AS, or else after the table's name. An unknown name
  /// does not compile.
  [[nodiscard]] consteval int operator[](std::string_view name) const {
    const int position = select_list::find(list_, name);
    if (position == select_list::kNoColumn) throw "no column has this name";
    return position;
  }

  // NOLINTNEXTLINE(google-explicit-constructor)
  constexpr operator Token() const { return {"columns", list_}; }
  /// For a statement with several lists: `{{name}}`, and each begins where those before it end.
  [[nodiscard]] constexpr Token as(std::string_view name) const { return {name, list_}; }
  [[nodiscard]] consteval int count() const { return select_list::count(list_); }

 private:
  std::string_view list_;
};

/// One statement, written once for both engines, as a raw text block with one clause a line:
///
///     static constexpr Sql kFind{R"sql(
///         SELECT id, address_sealed
///         FROM addresses
///         WHERE account_id = :account_id AND kind = :kind
///     )sql"};
///     tx.one(kFind, {account, kind}, [&](const Row& row) { found = row.bytes(kFind["address_sealed"]); });
///
/// Parameters are placeholders, `:name` (store/param.h says how they get their values), results are columns by name,
/// and differences between the engines are `{{token}}`s (store/dialect.h).
///
/// Define it once, with static storage, beside the function that uses it. Each gets a small number at its first use, by
/// which a connection finds its prepared statement without hashing the text. Never compose a text from a caller's data:
/// use parameters.
class Sql {
 public:
  static constexpr std::size_t kTokensMax = 6;

  /// `text` must be a string literal, so that it outlives all uses.
  constexpr explicit Sql(std::string_view text) : Sql(std::initializer_list<Token>(), text) {}
  /// With replacements for `{{name}}`; also literals.
  constexpr Sql(std::initializer_list<Token> tokens, std::string_view text) : text_(select_list::trimmed(text)) {
    if (tokens.size() > kTokensMax) throw "a statement has too many tokens of its own";
    std::ranges::copy(tokens, tokens_.begin());
  }
  constexpr Sql(const Columns& columns, std::string_view text) : Sql({static_cast<Token>(columns)}, text) {}
  Sql(const Sql&) = delete;
  Sql& operator=(const Sql&) = delete;

  [[nodiscard]] constexpr std::string_view text() const { return text_; }
  /// Only the tokens of this statement. Unused ones have no name.
  [[nodiscard]] constexpr std::span<const Token> tokens() const { return tokens_; }

  /// The position of a column of this SELECT by its name, as in Columns.
  [[nodiscard]] consteval int operator[](std::string_view name) const {
    int position = 0;
    for (auto list = select_list::of_statement(text_); !list.empty();) {
      const auto column = select_list::take_column(list);
      const auto shared = std::ranges::find_if(
          tokens_, [&](const Token& token) { return !token.name.empty() && is_token(column, token.name); });
      if (shared == tokens_.end()) {
        if (select_list::name_of(column) == name) return position;
        ++position;
      } else {
        const int within = select_list::find(shared->text, name);
        if (within != select_list::kNoColumn) return position + within;
        position += select_list::count(shared->text);
      }
    }
    throw "no column of the statement has this name";
  }

  /// Numbered from 0 in order of first use.
  [[nodiscard]] std::size_t number() const {
    const std::size_t number = number_.load(std::memory_order_relaxed);
    return number != kNone ? number : take_number();
  }

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  static constexpr bool is_token(std::string_view column, std::string_view name) {
    return column.size() == name.size() + 4 && column.starts_with("{{") && column.substr(2).starts_with(name);
  }
  std::size_t take_number() const;

  std::string_view text_;
  std::array<Token, kTokensMax> tokens_{};
  mutable std::atomic<std::size_t> number_{kNone};
};

}  // namespace countersign::store
