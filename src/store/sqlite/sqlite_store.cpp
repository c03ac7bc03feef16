#include "store/sqlite/sqlite_store.h"

#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/thread_name.h"
#include "store/completions.h"
#include "store/queued_store.h"
#include "store/sqlite/file_lock.h"
#include "store/sqlite/open.h"
#include "store/sqlite/reads.h"
#include "store/sqlite/writer.h"

namespace countersign::store {

namespace {

/// Reads that share one snapshot at most: they are short, and the first waits for the last.
constexpr std::size_t kSqliteReadsMax = 64;

class SqliteStore final : public QueuedStore {
 public:
  explicit SqliteStore(SqliteOptions options)
      : QueuedStore(options.queue_max),
        options_(std::move(options)),
        lock_(options_.file),
        connection_(sqlite::open_for_writing(options_)),
        watch_(options_.clock, options_.log),
        writer_(connection_, &watch_) {
    CS_CHECK(options_.reader_threads >= 1 && options_.batch_max >= 1);
    // All connections first: an exception from here must not meet a running thread.
    std::vector<sqlite::Connection> readers;
    for (std::size_t i = 0; i < options_.reader_threads; ++i) {
      readers.emplace_back(options_.file.string(), sqlite::Connection::Access::kRead, options_.reader_cache_kib,
                           options_.vfs);
    }
    writer_thread_ = std::thread([this] { serve_writes(); });
    for (auto& reader : readers) {
      reader_threads_.emplace_back([this, reader = std::move(reader)]() mutable {
        serve_reads(kSqliteReadsMax, [&](auto batch) { sqlite::run_reads(reader, batch, &watch_); });
      });
    }
  }

  ~SqliteStore() override { stop(); }

  void stop() override {
    const std::lock_guard lock(stopping_);
    // Readers first: the writer's last checkpoint needs them gone.
    reads().close();
    for (auto& thread : reader_threads_) thread.join();
    reader_threads_.clear();
    writes().close();
    if (writer_thread_.joinable()) writer_thread_.join();
  }

  [[nodiscard]] StoreStats stats() const override {
    const auto& counters = writer_.counters();
    StoreStats stats{.units = counters.units,
                     .commits = counters.commits,
                     .failed_commits = counters.failed_commits,
                     .repeated_batches = counters.repeated_batches,
                     .statements = counters.statements,
                     .failed_checkpoints = counters.failed_checkpoints};
    watch_.add_to(stats);
    return with_lines(stats);
  }

 private:
  void serve_writes() {
    name_this_thread("store-write");
    std::vector<std::unique_ptr<Unit>> batch;
    std::size_t last_batch = 1;
    while (true) {
      const auto taken =
          writes().take({.units_max = options_.batch_max,
                         .idle = writer_.log_used() ? std::optional(options_.idle_checkpoint_after) : std::nullopt,
                         .units_wanted = last_batch,
                         .accumulate = options_.accumulate_max},
                        batch);
      if (taken == UnitQueue::Taken::kClosed) break;
      if (taken == UnitQueue::Taken::kIdle) {
        writer_.checkpoint_and_empty_log();
        continue;
      }
      last_batch = batch.size();
      watch_.commit_begins();
      writer_.run_batch(batch);
      watch_.commit_ended(batch.size());
      complete(batch);
      // After the answers, which need not wait for it.
      writer_.checkpoint_if_grown(options_.checkpoint_pages);
    }
    // What follows would be done by closing, but closing does not say that it failed.
    writer_.checkpoint_and_empty_log();
  }

  const SqliteOptions options_;
  sqlite::FileLock lock_;
  sqlite::Connection connection_;  // These two are used by writer_thread_ alone.
  StoreWatch watch_;
  sqlite::Writer writer_;
  std::mutex stopping_;
  // Guarded by stopping_:
  std::thread writer_thread_;
  std::vector<std::thread> reader_threads_;
};

}  // namespace

Result<std::unique_ptr<Store>, StoreError> open_sqlite(SqliteOptions options) {
  try {
    // One name for one file, so that the lock beside it is one too.
    options.file = std::filesystem::weakly_canonical(options.file);
    return std::unique_ptr<Store>(std::make_unique<SqliteStore>(std::move(options)));
  } catch (const StoreFailure& failure) {
    return fail(failure.error);
  } catch (const std::filesystem::filesystem_error& error) {
    return fail(StoreError{StoreError::Code::kUnavailable, error.what()});
  }
}

}  // namespace countersign::store
