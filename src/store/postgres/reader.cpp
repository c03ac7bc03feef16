#include "store/postgres/reader.h"

#include "store/attempt.h"
#include "store/postgres/tx.h"

namespace countersign::store::postgres {

void Reader::run_batch(std::span<const std::unique_ptr<Unit>> batch) {
  Patience patience(surroundings_, away_);
  while (!batch.empty()) {
    try {
      batch = batch.subspan(run_on_one_snapshot(batch));
      away_ = false;
    } catch (const StoreFailure& failure) {
      session_.drop();
      if (patience.wait()) continue;
      surroundings_.watch.read_failed(failure.error);
      for (const auto& unit : batch) unit->fail(failure.error);
      return;
    }
  }
}

std::size_t Reader::run_on_one_snapshot(std::span<const std::unique_ptr<Unit>> batch) {
  Connection& connection = session_.get();
  Transaction snapshot(connection, Transaction::Kind::kRead);
  std::size_t done = 0;
  bool failed = false;
  while (done < batch.size() && !failed) {
    Unit& unit = *batch[done];
    Tx tx(snapshot, Tx::Mode::kRead);
    const auto error = attempt([&] { unit.run(tx); });
    const auto& failure = connection.failure();
    if (failure && failure->kind != Failure::Kind::kStatement) throw StoreFailure(failure->error);
    if (error) {
      surroundings_.watch.read_failed(*error);
      unit.fail(*error);
    }
    failed = error.has_value();
    ++done;
  }
  snapshot.roll_back();
  return done;
}

}  // namespace countersign::store::postgres
