#pragma once

#include <memory>
#include <span>

#include "store/sqlite/connection.h"
#include "store/store_watch.h"
#include "store/unit.h"

namespace countersign::store {

/// Runs units that only read, one after another, on one snapshot of the database, which is taken when the first of them
/// looks at it. Afterwards each holds its outcome or its error.
/// `watch`, if there is one, hears what fails.
void run_reads(Connection& connection, std::span<const std::unique_ptr<Unit>> batch, StoreWatch* watch = nullptr);

}  // namespace countersign::store
