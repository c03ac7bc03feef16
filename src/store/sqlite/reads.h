#pragma once

#include <memory>
#include <span>

#include "store/sqlite/connection.h"
#include "store/store_watch.h"
#include "store/unit.h"

namespace countersign::store::sqlite {

/// Runs read-only units in sequence on one snapshot of the database, taken by the first query. Afterwards each has its
/// outcome or its error. Reports failures to `watch`, if given.
void run_reads(Connection& connection, std::span<const std::unique_ptr<Unit>> batch, StoreWatch* watch = nullptr);

}  // namespace countersign::store::sqlite
