#pragma once

#include <cstdint>

#include "store/tx.h"

namespace countersign::store {

/// Unused pages that stay in the file for later writes: a twentieth of it, and 1 MB.
[[nodiscard]] std::int64_t unused_pages_to_keep(const Tx::Space& space);

/// One step of returning unused space, of at most `pages` pages.
struct ShrinkStep {
  Tx::Space space;    ///< Afterwards.
  bool more = false;  ///< Whether there is more to return. Never if the file cannot shrink.
};
[[nodiscard]] ShrinkStep shrink(Tx& tx, std::int64_t pages);

}  // namespace countersign::store
