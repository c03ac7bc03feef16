#include "usecase/risk/decision_log.h"

#include <utility>

#include "store/repository/risk_decisions.h"

namespace countersign::usecase {

void DecisionLog::add(const AccountId& account, risk::Record record) {
  const std::lock_guard lock(mutex_);
  if (count_ >= kWaitingMax) {
    ++dropped_;
    return;
  }
  ++count_;
  waiting_[account].push_back(std::move(record));
}

DecisionLog::ByAccount DecisionLog::take() {
  const std::lock_guard lock(mutex_);
  count_ = 0;
  return std::exchange(waiting_, {});
}

void DecisionLog::put_back(ByAccount decisions) {
  for (auto& [account, records] : decisions) {
    for (auto& record : records) add(account, std::move(record));
  }
}

std::uint64_t DecisionLog::dropped() const {
  const std::lock_guard lock(mutex_);
  return dropped_;
}

void write_decisions(store::Tx& tx, const DecisionLog::ByAccount& decisions) {
  for (const auto& [account, records] : decisions) store::add_decisions(tx, account, records);
}

}  // namespace countersign::usecase
