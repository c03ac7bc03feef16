#include <atomic>
#include <mutex>
#include <utility>
#include <vector>

#include "store/completions.h"
#include "store/sqlite/reads.h"
#include "store/sqlite/sqlite_store.h"
#include "store/sqlite/writer.h"

namespace countersign::store {

namespace {

class MemoryStore final : public Store {
 public:
  void stop() override {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }

  [[nodiscard]] StoreStats stats() const override {
    const auto& counters = writer_.counters();
    return {.units = counters.units,
            .commits = counters.commits,
            .failed_commits = counters.failed_commits,
            .reads = reads_};
  }

 protected:
  void submit_write(std::unique_ptr<Unit> unit) override {
    submit(std::move(unit), [this](auto& batch) { writer_.run_batch(batch); });
  }
  void submit_read(std::unique_ptr<Unit> unit) override {
    submit(std::move(unit), [this](auto& batch) {
      sqlite::run_reads(connection_, batch);
      ++reads_;
    });
  }

 private:
  static constexpr int kCacheKib = 2048;

  template <class Run>
  void submit(std::unique_ptr<Unit> unit, Run run) {
    std::vector<std::unique_ptr<Unit>> batch;
    batch.push_back(std::move(unit));
    {
      const std::lock_guard lock(mutex_);
      if (stopped_) {
        batch.front()->fail(refusal(StoreError::Code::kShutDown));
      } else {
        run(batch);
      }
    }
    complete(batch);
  }

  std::atomic<std::uint64_t> reads_{0};
  std::mutex mutex_;
  // Guarded by mutex_:
  sqlite::Connection connection_{":memory:", sqlite::Connection::Access::kWrite, kCacheKib, {}};
  sqlite::Writer writer_{connection_};
  bool stopped_ = false;
};

}  // namespace

Result<std::unique_ptr<Store>, StoreError> open_sqlite_in_memory() {
  try {
    return std::unique_ptr<Store>(std::make_unique<MemoryStore>());
  } catch (const StoreFailure& failure) {
    return fail(failure.error);
  }
}

}  // namespace countersign::store
