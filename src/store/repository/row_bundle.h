#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/id.h"

namespace countersign::store {

/// The rows that one statement writes, whatever their number, and one value for each. Both engines read it as two
/// parameters, of which the statement makes a table with the columns `key`, from 0, and `value`, a text or NULL:
///
///     FROM {{each(}}:values{{)each}} AS r
///     WHERE t.account_id = substr(CAST(:ids AS {{blob}}), CAST(1 + 32 * r.key AS INTEGER), 16)
///       AND t.id = substr(CAST(:ids AS {{blob}}), CAST(17 + 32 * r.key AS INTEGER), 16)
class RowBundle {
 public:
  /// Below this many rows, the same statement for each of them costs less: see ADR 34.
  static constexpr std::size_t kWorthIt = 8;

  /// Whether `value` can be one of a bundle's. It is plain ASCII without `"` and `\`, so that it needs no escaping and
  /// both engines read the same.
  [[nodiscard]] static bool takes(std::string_view value);

  /// `value` is one that it takes().
  template <class Kind>
  void add(const AccountId& account, const IdOf<Kind>& id, std::string_view value) {
    add(account.bytes(), id.bytes(), value);
  }

  [[nodiscard]] std::size_t size() const { return ids_.size() / (2 * sizeof(Id)); }
  [[nodiscard]] std::string_view ids() const { return ids_; }               ///< Account and id of each, 32 bytes.
  [[nodiscard]] std::string values() const { return '[' + values_ + ']'; }  ///< A JSON array of texts.

 private:
  void add(std::string_view account, std::string_view id, std::string_view value);

  std::string ids_;
  std::string values_;
};

}  // namespace countersign::store
