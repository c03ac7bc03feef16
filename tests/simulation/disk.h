#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "simulation/chance.h"
#include "store/store.h"

namespace countersign::simulation {

/// Where the database of a run lives, and what a crash leaves of it.
class Disk {
 public:
  virtual ~Disk() = default;

  [[nodiscard]] virtual store::Store& store() = 0;
  /// Whether several units can go into one commit; then its store has threads of its own.
  [[nodiscard]] virtual bool groups() const = 0;

  /// Loses power at the `operations`-th write from now, or else at crash() itself. No effect in memory.
  virtual void lose_power_after(int operations) = 0;
  [[nodiscard]] virtual bool has_power() const = 0;
  virtual void fill(bool full) = 0;
  virtual void break_syncs(bool broken) = 0;

  /// The process is gone; the store is opened anew on what was durable.
  virtual void crash(Chance& chance) = 0;
};

/// In memory: fast. A unit is durable as soon as it is committed.
[[nodiscard]] std::unique_ptr<Disk> make_memory_disk();
/// A file in a scratch folder behind CrashVfs. One at a time.
[[nodiscard]] std::unique_ptr<Disk> make_file_disk();

}  // namespace countersign::simulation
