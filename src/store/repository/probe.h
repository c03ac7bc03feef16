#pragma once

#include "base/time.h"
#include "store/tx.h"

namespace countersign::store {

/// Writes one unused row, with a new value each time: writing the same value would change nothing, and succeed on a
/// full disk.
void write_probe(Tx& tx, WallTime now);

}  // namespace countersign::store
