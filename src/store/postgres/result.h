#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "store/error.h"
#include "store/row.h"

struct pg_result;

namespace countersign::store {

struct ClearPgResult {
  void operator()(pg_result* result) const;
};
using PgResult = std::unique_ptr<pg_result, ClearPgResult>;

/// What a failed statement or connection means for the work that was under way.
struct PgFailure {
  enum class Kind {
    kStatement,  ///< This statement is at fault, or the state of the database; the connection goes on.
    kConflict,   ///< The transaction lost against another one and may be repeated.
    kLost,       ///< The connection is of no use any more.
  };
  Kind kind;
  StoreError error;
};

/// Reads a failure out of a result. Its text is the server's own sentence with its five-character code, and never the
/// server's DETAIL, which quotes values of rows; nor any sentence about a value.
[[nodiscard]] PgFailure failure_of(const pg_result* result);

/// A message of the server that is no failure, in the same form.
[[nodiscard]] std::string notice_of(const pg_result* result);

[[nodiscard]] int row_count(const pg_result* result);
/// How many rows an INSERT, UPDATE or DELETE touched.
[[nodiscard]] std::int64_t changed_rows(const pg_result* result);

/// One row of a result with binary columns.
class PgRow final : public Row {
 public:
  PgRow(const pg_result* result, int row) : result_(result), row_(row) {}

  [[nodiscard]] bool is_null(int column) const override;
  [[nodiscard]] std::int64_t integer(int column) const override;
  [[nodiscard]] std::string_view text(int column) const override;
  [[nodiscard]] std::string_view blob(int column) const override;

 private:
  [[nodiscard]] std::string_view bytes(int column) const;
  /// The type of a column that is there and not NULL.
  [[nodiscard]] unsigned int type_of(int column) const;
  [[noreturn]] void refuse(int column, std::string_view wanted) const;

  const pg_result* result_;
  int row_;
};

}  // namespace countersign::store
