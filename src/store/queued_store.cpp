#include "store/queued_store.h"

#include <utility>
#include <vector>

#include "base/thread_name.h"
#include "store/completions.h"

namespace countersign::store {

void QueuedStore::submit(UnitQueue& queue, std::unique_ptr<Unit> unit) {
  const auto code = queue.push(unit);
  if (!code) return;
  if (*code == StoreError::Code::kOverloaded) ++refused_;
  refuse(std::move(unit), refusal(*code));
}

void QueuedStore::serve_reads(std::size_t batch_max, FunctionRef<void(std::span<const std::unique_ptr<Unit>>)> run) {
  name_this_thread("store-read");
  std::vector<std::unique_ptr<Unit>> batch;
  while (reads_.take({.units_max = batch_max}, batch) != UnitQueue::Taken::kClosed) {
    run(batch);
    reads_done_ += batch.size();
    complete(batch);
  }
}

StoreStats QueuedStore::with_lines(StoreStats stats) const {
  stats.reads = reads_done_;
  stats.refused = refused_;
  stats.queued = writes_.size();
  return stats;
}

}  // namespace countersign::store
