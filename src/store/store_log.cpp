#include "store/store_log.h"

#include <fmt/format.h>

namespace countersign::store {

void report(const StoreLog& log, const StoreError& error) {
  using enum StoreError::Code;
  const bool is_the_databases =
      error.code == kUnavailable || error.code == kFull || error.code == kCorrupt || error.code == kUnknown;
  if (log && is_the_databases) log(fmt::format("cannot write: {}", error.detail));
}

}  // namespace countersign::store
