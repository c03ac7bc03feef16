#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "simulation/chance.h"
#include "store/store.h"

namespace countersign::simulation {

class Nodes;

/// The database of a run, and what a crash leaves of it.
class Disk {
 public:
  virtual ~Disk() = default;

  [[nodiscard]] virtual store::Store& store() = 0;
  /// Whether several units can share a commit; its store then has its own threads.
  [[nodiscard]] virtual bool groups() const = 0;

  /// Loses power at the `operations`-th write from now, or otherwise in crash(). No effect in memory.
  virtual void lose_power_after(int operations) = 0;
  [[nodiscard]] virtual bool has_power() const = 0;
  virtual void fill(bool full) = 0;
  virtual void break_syncs(bool broken) = 0;

  /// Ends the process and reopens the store with what was durable.
  virtual void crash(Chance& chance) = 0;

  /// Null: one server has the database for itself.
  [[nodiscard]] virtual Nodes* nodes() { return nullptr; }
};

/// In memory: fast. A unit is durable as soon as it is committed.
[[nodiscard]] std::unique_ptr<Disk> make_memory_disk();
/// A file in a scratch folder behind CrashVfs. One at a time.
[[nodiscard]] std::unique_ptr<Disk> make_file_disk();

}  // namespace countersign::simulation
