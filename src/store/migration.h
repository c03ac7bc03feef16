#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "store/error.h"

namespace countersign::store {

class Store;

/// One step of the schema. Once released, a step is never edited; a correction is a further step.
struct Migration {
  int number;             ///< 1, 2, 3, … without gaps, in the order of the list.
  std::string_view name;  ///< Short, for people: "verification attempts".
  std::string_view sql;   ///< Statements separated by `;`, with the tokens of store/dialect.h.
};

/// Brings the schema up to the last of `steps`. Each missing step runs in one transaction together with its row in
/// `schema_migrations(number, name, applied_at)`, so a crash leaves it done or not begun, and a second call does
/// nothing.
///
/// kSchema when the database has a step that is not in the list (it was written by a newer version): nothing is changed
/// then, and `detail` is a sentence for the operator. Blocks; for start-up.
Result<Done, StoreError> migrate(Store& store, std::span<const Migration> steps, WallTime now);

}  // namespace countersign::store
