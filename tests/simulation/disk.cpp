#include "simulation/disk.h"

#include <fmt/format.h>

#include <stdexcept>

#include "simulation/crash_vfs.h"
#include "store/sqlite/sqlite_store.h"
#include "unit/store/scratch_folder.h"

namespace countersign::simulation {

namespace {

std::unique_ptr<store::Store> opened(Result<std::unique_ptr<store::Store>, store::StoreError> result) {
  if (!result) throw std::runtime_error(fmt::format("the database does not open: {}", result.error().detail));
  return *std::move(result);
}

class MemoryDisk final : public Disk {
 public:
  store::Store& store() override { return *store_; }
  [[nodiscard]] bool groups() const override { return false; }
  void lose_power_after(int) override {}
  [[nodiscard]] bool has_power() const override { return true; }
  void fill(bool) override {}
  void break_syncs(bool) override {}
  void crash(Chance&) override {}

 private:
  std::unique_ptr<store::Store> store_ = opened(store::open_sqlite_in_memory());
};

class FileDisk final : public Disk {
 public:
  FileDisk() {
    CrashVfs::forget();
    open();
  }
  ~FileDisk() override { store_.reset(); }

  store::Store& store() override { return *store_; }
  [[nodiscard]] bool groups() const override { return true; }
  void lose_power_after(int operations) override { CrashVfs::lose_power_after(operations); }
  [[nodiscard]] bool has_power() const override { return CrashVfs::has_power(); }
  void fill(bool full) override { CrashVfs::fill(full); }
  void break_syncs(bool broken) override { CrashVfs::break_syncs(broken); }
  void crash(Chance& chance) override {
    CrashVfs::lose_power_after(0);
    store_.reset();
    CrashVfs::restore_power(chance);
    open();
  }

 private:
  void open() {
    store::SqliteOptions options;
    options.file = folder_.path() / "simulation.db";
    options.vfs = CrashVfs::name();
    options.checkpoint_pages = 50;                          // Often, so that crashes meet them.
    options.idle_checkpoint_after = std::chrono::hours(1);  // By the machine's clock, so never.
    store_ = opened(store::open_sqlite(options));
  }

  store::ScratchFolder folder_;
  std::unique_ptr<store::Store> store_;
};

}  // namespace

std::unique_ptr<Disk> make_memory_disk() { return std::make_unique<MemoryDisk>(); }
std::unique_ptr<Disk> make_file_disk() { return std::make_unique<FileDisk>(); }

}  // namespace countersign::simulation
