#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "store/error.h"

namespace countersign::store {

class Store;
class Tx;

/// One step of the schema. Once released, a step is never edited; a correction is a further step.
struct Migration {
  int number;             ///< 1, 2, 3, … without gaps, in the order of the list.
  std::string_view name;  ///< Short, for people: "verification attempts".
  std::string_view sql;   ///< Statements separated by `;`, with the tokens of store/dialect.h.

  /// Programs whose last step is this one or a later one work on the schema that this step leaves, so they may run
  /// beside newer ones while nodes are exchanged one by one. A step that only adds (tables, columns with a default or
  /// that may be NULL, indexes) names a step before it; one that takes something away names the step since which nobody
  /// uses that. 0: only programs that know this step.
  int compatible_from = 0;
};

/// Nothing, or why a program of these steps cannot read the database as it is: a step is missing, or there is one with
/// which it is not compatible. Changes nothing.
[[nodiscard]] std::optional<StoreError> schema_fault(Tx& tx, std::span<const Migration> steps);

/// Brings the schema up to the last of `steps`. Each missing step runs in one transaction together with its row in
/// `schema_migrations(number, name, compatible_from, applied_at)`, so a crash leaves it done or not begun, a second
/// call does nothing, and of several nodes that start at once one does it.
///
/// kSchema when the database has a step that is not in the list and with which a program of this list's last step is
/// not compatible: nothing is changed then, and `detail` is a sentence for the operator. Blocks; for start-up.
Result<Done, StoreError> migrate(Store& store, std::span<const Migration> steps, WallTime now);

}  // namespace countersign::store
