#include "store/store_log.h"

#include <fmt/format.h>

namespace countersign::store {

void report(const StoreLog& log, std::string_view what, const StoreError& error) {
  using enum StoreError::Code;
  const bool is_everyday = error.code == kConflict || error.code == kOverloaded || error.code == kShutDown;
  if (log && !is_everyday) log(fmt::format("cannot {}: {}", what, error.detail));
}

}  // namespace countersign::store
