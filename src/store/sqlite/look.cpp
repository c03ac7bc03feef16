#include <fmt/format.h>

#include <mutex>
#include <vector>

#include "store/completions.h"
#include "store/sqlite/open.h"
#include "store/sqlite/reads.h"
#include "store/sqlite/sqlite_store.h"

namespace countersign::store {

namespace {

constexpr int kLookCacheKib = 2048;

class LookingStore final : public Store {
 public:
  explicit LookingStore(const std::filesystem::path& file)
      : connection_(file.string(), sqlite::Connection::Access::kRead, kLookCacheKib, {}) {
    if (sqlite::is_ours(connection_)) return;
    throw StoreFailure({StoreError::Code::kSchema, fmt::format("{} is no database of Countersign", file.string())});
  }

  void stop() override {}
  [[nodiscard]] StoreStats stats() const override { return {}; }

 protected:
  void submit_write(std::unique_ptr<Unit> unit) override {
    unit->fail({StoreError::Code::kFailed, "the database is open to be looked at alone"});
    finish(std::move(unit));
  }
  void submit_read(std::unique_ptr<Unit> unit) override {
    {
      const std::lock_guard lock(mutex_);
      sqlite::run_reads(connection_, {&unit, 1});
    }
    finish(std::move(unit));
  }

 private:
  static void finish(std::unique_ptr<Unit> unit) {
    std::vector<std::unique_ptr<Unit>> batch;
    batch.push_back(std::move(unit));
    complete(batch);
  }

  std::mutex mutex_;
  sqlite::Connection connection_;  // Guarded by mutex_.
};

}  // namespace

Result<std::unique_ptr<Store>, StoreError> open_sqlite_to_look(const std::filesystem::path& file) {
  try {
    return std::unique_ptr<Store>(std::make_unique<LookingStore>(file));
  } catch (const StoreFailure& failure) {
    return fail(failure.error);
  }
}

}  // namespace countersign::store
