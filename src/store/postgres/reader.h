#pragma once

#include <memory>
#include <span>

#include "store/postgres/session.h"
#include "store/unit.h"

namespace countersign::store {

/// Runs units that only read, on a connection of its own. Used by one thread at a time.
class PgReader {
 public:
  explicit PgReader(PgSurroundings& surroundings) : surroundings_(surroundings), session_(surroundings) {}

  /// Runs the units one after another on one snapshot, which is taken when the first of them looks. Afterwards each
  /// holds its outcome or its error. When the connection is lost, what is left is run on the next one.
  void run_batch(std::span<const std::unique_ptr<Unit>> batch);

  /// Connects. Throws StoreFailure.
  void prepare() { session_.get(); }

 private:
  /// Runs units until one fails, or none is left; answers how many. Throws StoreFailure when the connection is lost.
  std::size_t run_on_one_snapshot(std::span<const std::unique_ptr<Unit>> batch);

  PgSurroundings& surroundings_;
  PgSession session_;
  bool away_ = false;
};

}  // namespace countersign::store
