#pragma once

#include <memory>
#include <span>

#include "store/postgres/session.h"
#include "store/unit.h"

namespace countersign::store::postgres {

/// Runs read-only units on its own connection. Used by one thread at a time.
class Reader {
 public:
  explicit Reader(Surroundings& surroundings) : surroundings_(surroundings), session_(surroundings) {}

  /// Runs the units in sequence on one snapshot, taken by the first query. Afterwards each has its outcome or its
  /// error. If the connection is lost, the rest runs on the next one.
  void run_batch(std::span<const std::unique_ptr<Unit>> batch);

  /// Connects. Throws StoreFailure.
  void prepare() { session_.get(); }

 private:
  /// Runs units until one fails or none is left; returns how many. Throws StoreFailure if the connection is lost.
  std::size_t run_on_one_snapshot(std::span<const std::unique_ptr<Unit>> batch);

  Surroundings& surroundings_;
  Session session_;
  bool away_ = false;
};

}  // namespace countersign::store::postgres
