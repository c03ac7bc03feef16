#include "store/row.h"

#include <fmt/format.h>

namespace countersign::store {

void Row::refuse_id(int column) {
  throw StoreFailure({StoreError::Code::kUnreadable, fmt::format("column {} does not hold an id of 16 bytes", column)});
}

}  // namespace countersign::store
