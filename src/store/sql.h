#pragma once

#include <cstddef>
#include <string_view>

namespace countersign::store {

/// One statement, written once for both engines. Parameters are `?1`, `?2`, …; what the engines spell differently is a
/// `{{token}}` (store/dialect.h).
///
/// Made once, with static storage, beside the function that uses it:
///     static const Sql kInsert{"INSERT INTO contact (id, address) VALUES (?1, ?2)"};
/// Each gets a small number, by which a connection finds its prepared statement without hashing the text. A text is
/// never composed at run time: what varies is a parameter.
class Sql {
 public:
  /// `text` must outlive the process's use of it: a string literal.
  explicit Sql(std::string_view text);
  Sql(const Sql&) = delete;
  Sql& operator=(const Sql&) = delete;

  [[nodiscard]] std::string_view text() const { return text_; }
  /// Counts up from 0 in the order of construction.
  [[nodiscard]] std::size_t number() const { return number_; }

 private:
  std::string_view text_;
  std::size_t number_;
};

}  // namespace countersign::store
