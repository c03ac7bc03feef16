#include "store/postgres/reader.h"

#include "store/attempt.h"
#include "store/postgres/tx.h"

namespace countersign::store {

void PgReader::run_batch(std::span<const std::unique_ptr<Unit>> batch) {
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

std::size_t PgReader::run_on_one_snapshot(std::span<const std::unique_ptr<Unit>> batch) {
  PgConnection& connection = session_.get();
  PgTransaction snapshot(connection, PgTransaction::Kind::kRead);
  std::size_t done = 0;
  bool failed = false;
  while (done < batch.size() && !failed) {
    Unit& unit = *batch[done];
    PgTx tx(snapshot, PgTx::Mode::kRead);
    const auto error = attempt([&] { unit.run(tx); });
    const auto& failure = connection.failure();
    if (failure && failure->kind != PgFailure::Kind::kStatement) throw StoreFailure(failure->error);
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

}  // namespace countersign::store
