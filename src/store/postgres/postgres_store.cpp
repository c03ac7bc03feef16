#include "store/postgres/postgres_store.h"

#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/thread_name.h"
#include "store/completions.h"
#include "store/postgres/reader.h"
#include "store/postgres/writer.h"
#include "store/queued_store.h"

namespace countersign::store {

namespace {

/// Reads that share one snapshot at most: they are short, and the first waits for the last.
constexpr std::size_t kPgReadsMax = 16;

class PostgresStore final : public QueuedStore {
 public:
  PostgresStore(ConnectionString where, PostgresOptions options)
      : QueuedStore(options.queue_max),
        batch_max_(options.batch_max),
        surroundings_{
            std::move(where),       {options.connect_timeout, options.statement_timeout, options.lock_timeout},
            options.clock,          options.random,
            std::move(options.log), options.retry_for,
            options.turns},
        writer_(surroundings_) {
    CS_CHECK(options.reader_connections >= 1 && options.batch_max >= 1);
    writer_.prepare();
    // All connections first: an exception from here must not meet a running thread.
    for (std::size_t i = 0; i < options.reader_connections; ++i) {
      readers_.push_back(std::make_unique<PgReader>(surroundings_));
      readers_.back()->prepare();
    }
    threads_.emplace_back([this] { serve_writes(); });
    for (auto& reader : readers_) {
      threads_.emplace_back(
          [this, &reader = *reader] { serve_reads(kPgReadsMax, [&](auto batch) { reader.run_batch(batch); }); });
    }
  }

  ~PostgresStore() override { stop(); }

  void stop() override {
    const std::lock_guard lock(stopping_);
    reads().close();
    writes().close();
    surroundings_.halt.halt();
    for (auto& thread : threads_) thread.join();
    threads_.clear();
  }

  [[nodiscard]] StoreStats stats() const override {
    const auto& counters = writer_.counters();
    StoreStats stats{.units = counters.units,
                     .commits = counters.commits,
                     .failed_commits = counters.failed_commits,
                     .repeated_batches = counters.repeated_batches,
                     .conflicts = counters.conflicts,
                     .reconnects = surroundings_.reconnects,
                     .doubtful_commits = counters.doubtful_commits,
                     .round_trips = counters.round_trips};
    surroundings_.watch.add_to(stats);
    return with_lines(stats);
  }

 private:
  void serve_writes() {
    name_this_thread("store-write");
    std::vector<std::unique_ptr<Unit>> batch;
    while (writes().take({.units_max = batch_max_}, batch) != UnitQueue::Taken::kClosed) {
      surroundings_.watch.commit_begins();
      writer_.run_batch(batch);
      surroundings_.watch.commit_ended(batch.size());
      complete(batch);
    }
  }

  const std::size_t batch_max_;
  PgSurroundings surroundings_;
  PgWriter writer_;  // Used by its thread alone; a reader by its own.
  std::vector<std::unique_ptr<PgReader>> readers_;
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
