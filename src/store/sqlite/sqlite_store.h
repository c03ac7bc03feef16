#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "store/error.h"
#include "store/store.h"
#include "store/store_log.h"

namespace countersign::store {

/// Options for an embedded database. The defaults are for production; durability is not an option.
struct SqliteOptions {
  /// The database file. Created if missing, readable only by its owner; its folder must exist. `-wal`, `-shm` and
  /// `.lock` are beside it.
  std::filesystem::path file = {};

  /// Waiting units before further ones are refused with kOverloaded, for writes and for reads each. At a tenth of this
  /// engine's throughput, 4096 units are about a second of work: longer than a client waits.
  std::size_t queue_max = 4096;

  /// Maximum of units per commit. Bounds how long the first of a batch waits for the last.
  std::size_t batch_max = 512;

  /// How long a commit waits for clients answered by the last one; zero disables it. See UnitQueue.
  Duration accumulate_max{0};

  /// Threads for Store::read, each with a connection. At least 1.
  std::size_t reader_threads = 1;

  /// SQLite's page cache of the writer, and of each reader, in KiB.
  int cache_kib = 8192;
  int reader_cache_kib = 2048;

  /// Pages in the write-ahead log that trigger a checkpoint after a commit has been answered.
  int checkpoint_pages = 1000;

  /// Idle time after which the write-ahead log is emptied, so that deleted content does not stay in it.
  Duration idle_checkpoint_after{1'000'000};

  /// Receives messages for the operator: failures and their reasons, slow commits.
  StoreLog log = {};

  /// Only measures the duration of commits.
  const Clock& clock = system_clock();

  /// The name of a registered SQLite VFS; empty: the system's own. For tests that make the disk fail.
  std::string vfs = {};
};

/// Opens or creates an embedded database: write-ahead log, `synchronous=FULL`, one writer thread with group commit. One
/// process at a time: a second one is refused with kUnavailable and a sentence that names the file. kCorrupt if the
/// file is not a database; kSchema if it belongs to another application.
[[nodiscard]] Result<std::unique_ptr<Store>, StoreError> open_sqlite(SqliteOptions options);

/// An in-memory database without threads: work runs inside the call, in the order of the calls, and continuations are
/// posted to their home. For the simulation and for tests; the rules are the same.
[[nodiscard]] Result<std::unique_ptr<Store>, StoreError> open_sqlite_in_memory();

/// Opens a server's database read-only, whether or not the server runs: only Store::read works, inside the call,
/// without a lock. It must exist; writing returns kFailed. kSchema for a file that is not a database of Countersign.
[[nodiscard]] Result<std::unique_ptr<Store>, StoreError> open_sqlite_to_look(const std::filesystem::path& file);

/// The result of vacuum_sqlite.
struct Vacuumed {
  std::uintmax_t bytes_before = 0;
  std::uintmax_t bytes_after = 0;
};
/// Rewrites the database without unused space, and lets it shrink by itself from then on (Tx::give_back). Takes the
/// lock, so that no server has it open, and temporarily needs twice its size in addition. Interrupted at any moment it
/// leaves the old database or the new one. kUnavailable, with a sentence, if it cannot.
[[nodiscard]] Result<Vacuumed, StoreError> vacuum_sqlite(const std::filesystem::path& file);

/// Writes a consistent copy of the database to `target`, which must not exist, and syncs it. Works while a server has
/// the database open, in this process or another, without blocking its writes. The copy has no deleted content. On an
/// error nothing is left at `target`.
[[nodiscard]] Result<Done, StoreError> backup_sqlite(const std::filesystem::path& file,
                                                     const std::filesystem::path& target);

}  // namespace countersign::store
