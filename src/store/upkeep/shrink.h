#pragma once

#include <cstdint>

#include "store/tx.h"

namespace countersign::store {

/// So much of what is unused stays in the file, because what is written next goes there: a twentieth of it, and 1 MB.
[[nodiscard]] std::int64_t unused_pages_to_keep(const Tx::Space& space);

/// One step of giving unused space back, of at most `pages` pages.
struct ShrinkStep {
  Tx::Space space;    ///< Afterwards.
  bool more = false;  ///< There is more to give back. Never where the file cannot shrink.
};
[[nodiscard]] ShrinkStep shrink(Tx& tx, std::int64_t pages);

}  // namespace countersign::store
