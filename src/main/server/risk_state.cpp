#include "main/server/risk_state.h"

namespace countersign::main {

Result<Done, store::StoreError> RiskState::load(store::Store& store, WallTime now) {
  const auto counted = store.read_now([](store::Tx& tx) { return store::read_risk_news(tx, 0); });
  if (!counted) return fail(counted.error());
  book_.learn(*counted, now);
  return Done{};
}

}  // namespace countersign::main
