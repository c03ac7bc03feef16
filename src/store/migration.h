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

/// One step of the schema. Never edited after its release; a correction is a further step.
struct Migration {
  int number;             ///< 1, 2, 3, … without gaps, in the order of the list.
  std::string_view name;  ///< Short, for people: "verification attempts".
  std::string_view sql;   ///< Statements separated by `;`, with the tokens of store/dialect.h.

  /// Programs whose last step is this or later work on the schema after this step, so they may run beside newer ones
  /// during a rolling upgrade. A step that only adds (tables, columns with a default or nullable, indexes) names an
  /// earlier step; one that removes something names the step since which it is unused. 0: only programs that know this
  /// step.
  int compatible_from = 0;
};

/// nullopt, or why a program with these steps cannot read the database: a step is missing, or an applied one is
/// incompatible. Changes nothing.
[[nodiscard]] std::optional<StoreError> schema_fault(Tx& tx, std::span<const Migration> steps);

/// Migrates the schema to the last of `steps`. Each missing step runs in one transaction together with its row in
/// `schema_migrations(number, name, compatible_from, applied_at)`, so a crash leaves it done or not begun, a second
/// call does nothing, and of several nodes that start at once one applies it.
///
/// kSchema when the database has a step that is not in the list and is incompatible with a program of this list's last
/// step: nothing is changed, and `detail` is a sentence for the operator. Blocks; for start-up.
Result<Done, StoreError> migrate(Store& store, std::span<const Migration> steps, WallTime now);

}  // namespace countersign::store
