#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

#include "risk/record.h"
#include "store/tx.h"

namespace countersign::usecase {

/// Decisions that this node has yet to write down, in memory: a node that dies forgets the last second of them. One per
/// process; thread-safe; bounded. [ADR 51]
class DecisionLog {
 public:
  using ByAccount = std::map<AccountId, std::vector<risk::Record>>;

  /// Dropped, and counted as such, where too many wait.
  void add(const AccountId& account, risk::Record record);
  /// What was added since the last call; put it back if it could not be written.
  [[nodiscard]] ByAccount take();
  void put_back(ByAccount decisions);
  /// Since the start.
  [[nodiscard]] std::uint64_t dropped() const;

  static constexpr std::size_t kWaitingMax = 20'000;

 private:
  mutable std::mutex mutex_;
  // Guarded by mutex_:
  ByAccount waiting_;
  std::size_t count_ = 0;
  std::uint64_t dropped_ = 0;
};

/// Writes them: one row for each account and 256 decisions.
void write_decisions(store::Tx& tx, const DecisionLog::ByAccount& decisions);

}  // namespace countersign::usecase
