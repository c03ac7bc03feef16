#include "store/postgres/postgres_store.h"

#include <algorithm>
#include <iterator>
#include <mutex>
#include <optional>
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
constexpr std::size_t kReadsMax = 16;
/// Units whose row somebody has locked, if nothing else is to be done.
constexpr Duration kTryBlockedAgain = std::chrono::milliseconds(100);

class PostgresStore final : public QueuedStore {
 public:
  PostgresStore(ConnectionString where, PostgresOptions options)
      : QueuedStore(options.queue_max),
        batch_max_(options.batch_max),
        surroundings_{std::move(where),
                      {options.connect_timeout, options.statement_timeout, options.lock_timeout, options.idle_timeout},
                      options.clock,
                      options.random,
                      std::move(options.log),
                      options.retry_for,
                      options.turns,
                      options.side_by_side,
                      options.on_uncovered ? std::make_unique<postgres::Coverage>(std::move(options.is_shared),
                                                                                  std::move(options.on_uncovered),
                                                                                  std::move(options.coverage_of_nodes))
                                           : nullptr},
        writer_(surroundings_) {
    CS_CHECK(options.reader_connections >= 1 && options.batch_max >= 1);
    writer_.prepare();
    // All connections first: an exception from here must not meet a running thread.
    for (std::size_t i = 0; i < options.reader_connections; ++i) {
      readers_.push_back(std::make_unique<postgres::Reader>(surroundings_));
      readers_.back()->prepare();
    }
    threads_.emplace_back([this] { serve_writes(); });
    for (auto& reader : readers_) {
      threads_.emplace_back(
          [this, &reader = *reader] { serve_reads(kReadsMax, [&](auto batch) { reader.run_batch(batch); }); });
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
                     .put_off = counters.put_off,
                     .statements = counters.statements,
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
    postgres::Writer::Units units;  // Those that were put off come first.
    std::vector<std::unique_ptr<Unit>> next;
    while (true) {
      // Who has units already waits for no others.
      std::optional<Duration> idle;
      if (writer_.has_blocked()) idle = kTryBlockedAgain;
      if (!units.empty()) idle = Duration::zero();
      const auto taken = writes().take({.units_max = batch_max_ - units.size(), .idle = idle}, next);
      if (taken == UnitQueue::Taken::kClosed && units.empty() && !writer_.has_blocked()) return;
      std::ranges::move(next, std::back_inserter(units));
      surroundings_.watch.commit_begins();
      writer_.run_batch(units, [this](auto& ended) {
        surroundings_.watch.commit_ended(ended.size());
        complete(ended);
        surroundings_.watch.commit_begins();
      });
      surroundings_.watch.no_commit();
    }
  }

  const std::size_t batch_max_;
  postgres::Surroundings surroundings_;
  postgres::Writer writer_;  // Used by its thread alone; a reader by its own.
  std::vector<std::unique_ptr<postgres::Reader>> readers_;
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

std::optional<StoreError> fault_of_postgres(const PostgresOptions& options) {
  const auto where = ConnectionString::parse(options.url);
  if (!where) return StoreError{StoreError::Code::kUnavailable, where.error()};
  const postgres::Deadlines deadlines{options.connect_timeout, options.statement_timeout, options.lock_timeout};
  try {
    const postgres::Connection connection(*where, deadlines, options.clock, options.log);
    return std::nullopt;
  } catch (const StoreFailure& failure) {
    return failure.error;
  }
}

}  // namespace countersign::store
