#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "store/error.h"
#include "store/row.h"

struct pg_result;

namespace countersign::store::postgres {

struct ClearQueryResult {
  void operator()(pg_result* result) const;
};
using QueryResult = std::unique_ptr<pg_result, ClearQueryResult>;

/// What a failed statement or connection means for the current work.
struct Failure {
  enum class Kind {
    kStatement,  ///< Caused by this statement or the state of the database; the connection stays usable.
    kConflict,   ///< The transaction conflicted with another one and may be retried.
    kLost,       ///< The connection is unusable.
  };
  Kind kind;
  StoreError error;
  bool at_locked_row = false;  ///< A lock was waited for in vain, and it was a row's, not a table's.
};

/// The code of lock_not_available, in the text of a failure.
inline constexpr std::string_view kLockTimeout = "55P03";
/// The code of out_of_memory, likewise. Nearly always of what all sessions share: the table of locks is full.
inline constexpr std::string_view kNoMoreMemory = "53200";

/// Reads a failure from a result. Its text is the server's message with its five-character code, never the server's
/// DETAIL, which quotes values of rows, nor any message about a value.
[[nodiscard]] Failure failure_of(const pg_result* result);

/// A message of the server that is not a failure, in the same form.
[[nodiscard]] std::string notice_of(const pg_result* result);

[[nodiscard]] int row_count(const pg_result* result);
/// Number of rows that an INSERT, UPDATE or DELETE changed.
[[nodiscard]] std::int64_t changed_rows(const pg_result* result);

/// One row of a result with binary columns.
class Row final : public store::Row {
 public:
  Row(const pg_result* result, int row) : result_(result), row_(row) {}

  [[nodiscard]] bool is_null(int column) const override;
  [[nodiscard]] std::int64_t integer(int column) const override;
  [[nodiscard]] std::string_view text(int column) const override;
  [[nodiscard]] std::string_view blob(int column) const override;

 private:
  [[nodiscard]] std::string_view bytes(int column) const;
  /// The type of a column, which must exist and not be NULL.
  [[nodiscard]] unsigned int type_of(int column) const;
  [[noreturn]] void refuse(int column, std::string_view wanted) const;

  const pg_result* result_;
  int row_;
};

}  // namespace countersign::store::postgres
