#include "store/postgres/postgres_store.h"

#include <atomic>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/thread_name.h"
#include "store/completions.h"
#include "store/postgres/reader.h"
#include "store/postgres/writer.h"
#include "store/unit_queue.h"

namespace countersign::store {

namespace {

/// Reads that share one snapshot at most: they are short, and the first waits for the last.
constexpr std::size_t kReadsMax = 16;

class PostgresStore final : public Store {
 public:
  PostgresStore(ConnectionString where, PostgresOptions options)
      : batch_max_(options.batch_max),
        surroundings_{
            std::move(where),       {options.connect_timeout, options.statement_timeout, options.lock_timeout},
            options.clock,          options.random,
            std::move(options.log), options.retry_for,
            options.turns},
        writer_(surroundings_),
        writes_(options.queue_max),
        reads_(options.queue_max) {
    CS_CHECK(options.reader_connections >= 1 && options.batch_max >= 1);
    writer_.prepare();
    // All connections first: an exception from here must not meet a running thread.
    for (std::size_t i = 0; i < options.reader_connections; ++i) {
      readers_.push_back(std::make_unique<PgReader>(surroundings_));
      readers_.back()->prepare();
    }
    threads_.emplace_back([this] { serve_writes(); });
    for (auto& reader : readers_) threads_.emplace_back([this, &reader = *reader] { serve_reads(reader); });
  }

  ~PostgresStore() override { stop(); }

  void stop() override {
    const std::lock_guard lock(stopping_);
    reads_.close();
    writes_.close();
    surroundings_.halt.halt();
    for (auto& thread : threads_) thread.join();
    threads_.clear();
  }

  [[nodiscard]] StoreStats stats() const override {
    const auto& counters = writer_.counters();
    return {.units = counters.units,
            .commits = counters.commits,
            .failed_commits = counters.failed_commits,
            .repeated_batches = counters.repeated_batches,
            .reads = reads_done_,
            .refused = refused_,
            .queued = writes_.size(),
            .conflicts = counters.conflicts,
            .reconnects = surroundings_.reconnects,
            .doubtful_commits = counters.doubtful_commits,
            .round_trips = counters.round_trips};
  }

 protected:
  void submit_write(std::unique_ptr<Unit> unit) override { submit(writes_, std::move(unit)); }
  void submit_read(std::unique_ptr<Unit> unit) override { submit(reads_, std::move(unit)); }

 private:
  void submit(UnitQueue& queue, std::unique_ptr<Unit> unit) {
    const auto code = queue.push(unit);
    if (!code) return;
    if (*code == StoreError::Code::kOverloaded) ++refused_;
    refuse(std::move(unit), refusal(*code));
  }

  void serve_writes() {
    name_this_thread("store-write");
    std::vector<std::unique_ptr<Unit>> batch;
    while (writes_.take({.units_max = batch_max_}, batch) != UnitQueue::Taken::kClosed) {
      writer_.run_batch(batch);
      complete(batch);
    }
  }

  void serve_reads(PgReader& reader) {
    name_this_thread("store-read");
    std::vector<std::unique_ptr<Unit>> batch;
    while (reads_.take({.units_max = kReadsMax}, batch) != UnitQueue::Taken::kClosed) {
      reader.run_batch(batch);
      reads_done_ += batch.size();
      complete(batch);
    }
  }

  const std::size_t batch_max_;
  PgSurroundings surroundings_;
  PgWriter writer_;  // Used by its thread alone; a reader by its own.
  std::vector<std::unique_ptr<PgReader>> readers_;
  UnitQueue writes_;
  UnitQueue reads_;
  std::atomic<std::uint64_t> reads_done_{0};
  std::atomic<std::uint64_t> refused_{0};
  std::mutex stopping_;
  std::vector<std::thread> threads_;  // Guarded by stopping_.
};

}  // namespace

Result<std::unique_ptr<Store>, StoreError> open_postgres(PostgresOptions options) {
  auto where = ConnectionString::parse(options.url);
  if (!where) return fail(StoreError{StoreError::Code::kUnavailable, where.error()});
  try {
    return std::unique_ptr<Store>(std::make_unique<PostgresStore>(*std::move(where), std::move(options)));
  } catch (const StoreFailure& failure) {
    return fail(failure.error);
  }
}

}  // namespace countersign::store
