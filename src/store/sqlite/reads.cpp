#include "store/sqlite/reads.h"

#include "store/attempt.h"
#include "store/sqlite/transaction.h"

namespace countersign::store::sqlite {

namespace {

constexpr Sql kBeginRead{"BEGIN"};

}  // namespace

void run_reads(Connection& connection, std::span<const std::unique_ptr<Unit>> batch, StoreWatch* watch) {
  for (const auto& unit : batch) {
    Tx tx(connection, Tx::Mode::kRead);
    const auto error = attempt([&] {
      if (!connection.in_transaction()) connection.run(kBeginRead);
      unit->run(tx);
    });
    if (!error) continue;
    if (watch != nullptr) watch->read_failed(*error);
    unit->fail(*error);
    connection.roll_back();  // The next one gets a new snapshot.
  }
  connection.roll_back();  // Nothing was written; this lets go of the snapshot.
}

}  // namespace countersign::store::sqlite
