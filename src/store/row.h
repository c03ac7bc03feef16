#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/id.h"
#include "base/time.h"
#include "store/error.h"

namespace countersign::store {

/// The current row of a query. A column is its position, obtained by name: `row.time(kFind["at"])` (store/sql.h). The
/// row and its views are valid during the callback; copy what must last.
///
/// A column of another type than requested means that code and schema disagree, or a damaged file: StoreFailure.
class Row {
 public:
  [[nodiscard]] virtual bool is_null(int column) const = 0;
  [[nodiscard]] virtual std::int64_t integer(int column) const = 0;
  [[nodiscard]] virtual std::string_view text(int column) const = 0;
  [[nodiscard]] virtual std::string_view blob(int column) const = 0;

  [[nodiscard]] bool boolean(int column) const { return integer(column) != 0; }
  [[nodiscard]] WallTime time(int column) const { return from_micros(integer(column)); }
  [[nodiscard]] std::string string(int column) const { return std::string(text(column)); }
  [[nodiscard]] std::string bytes(int column) const { return std::string(blob(column)); }
  /// `row.id<SubjectId>(kFind["subject_id"])`; also `row.id<Id>(…)`.
  template <class AnyId>
  [[nodiscard]] AnyId id(int column) const {
    const auto id = AnyId::from_bytes(blob(column));
    if (!id) refuse_id(column);
    return *id;
  }

  [[nodiscard]] std::optional<std::int64_t> optional_integer(int column) const {
    return is_null(column) ? std::nullopt : std::optional(integer(column));
  }
  [[nodiscard]] std::optional<WallTime> optional_time(int column) const {
    return is_null(column) ? std::nullopt : std::optional(time(column));
  }
  [[nodiscard]] std::optional<std::string> optional_string(int column) const {
    return is_null(column) ? std::nullopt : std::optional(string(column));
  }
  [[nodiscard]] std::optional<std::string> optional_bytes(int column) const {
    return is_null(column) ? std::nullopt : std::optional(bytes(column));
  }
  template <class AnyId>
  [[nodiscard]] std::optional<AnyId> optional_id(int column) const {
    return is_null(column) ? std::nullopt : std::optional(id<AnyId>(column));
  }

 protected:
  ~Row() = default;

 private:
  [[noreturn]] static void refuse_id(int column);
};

}  // namespace countersign::store
