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

/// How an embedded database is opened. The defaults are for production; durability is not an option.
struct SqliteOptions {
  /// The database file. Made, readable by its owner alone, if it is not there; its folder must exist. Beside it stand
  /// `-wal`, `-shm` and `.lock`.
  std::filesystem::path file = {};

  /// Units that may wait before further ones are refused with kOverloaded, for writes and for reads each. At a tenth
  /// of the rates that this engine reaches, 4096 units are about a second of work: longer than a client waits.
  std::size_t queue_max = 4096;

  /// Units in one commit, at most. Bounds how long the first of a batch waits for the last.
  std::size_t batch_max = 512;

  /// How long a commit waits for the clients that the last one has answered; zero turns it off. See UnitQueue.
  Duration accumulate_max{0};

  /// Threads for Store::read, each with a connection. At least 1.
  std::size_t reader_threads = 1;

  /// SQLite's page cache of the writer, and of each reader, in KiB.
  int cache_kib = 8192;
  int reader_cache_kib = 2048;

  /// Pages in the write-ahead log that start a checkpoint after a commit has been answered.
  int checkpoint_pages = 1000;

  /// Quiet time after which the write-ahead log is emptied, so that deleted content does not stay in it.
  Duration idle_checkpoint_after{1'000'000};

  /// Told what an operator wants to know: failures and their reasons, commits that take long.
  StoreLog log = {};

  /// By which the time of commits is taken, and nothing else.
  const Clock& clock = system_clock();

  /// The name of a registered SQLite VFS, empty for the system's own. For tests that make the disk fail.
  std::string vfs = {};
};

/// Opens, or makes, an embedded database: write-ahead log, `synchronous=FULL`, one writer thread with group commit.
/// One process at a time: a second opener is refused with kUnavailable and a sentence that names the file.
/// kCorrupt when the file is no database; kSchema when it is another application's.
[[nodiscard]] Result<std::unique_ptr<Store>, StoreError> open_sqlite(SqliteOptions options);

/// A database that lives in memory, without any thread: work runs inside the call, in the order of the calls, and
/// continuations are posted to their home. For the simulation and for tests; the rules are the same.
[[nodiscard]] Result<std::unique_ptr<Store>, StoreError> open_sqlite_in_memory();

/// The database of a server, to look at while that server, or nobody, has it open: Store::read alone, inside the call,
/// and no lock. It must exist; writing answers kFailed. kSchema for a file that is no database of Countersign.
[[nodiscard]] Result<std::unique_ptr<Store>, StoreError> open_sqlite_to_look(const std::filesystem::path& file);

/// What vacuum_sqlite did.
struct Vacuumed {
  std::uintmax_t bytes_before = 0;
  std::uintmax_t bytes_after = 0;
};
/// Writes the database anew without what is unused in it, and lets it shrink by itself from then on (Tx::give_back).
/// Takes the lock, so that no server has it open, and for the time being twice its size beside it. Interrupted at any
/// moment it leaves the old database or the new one. kUnavailable, with a sentence, where it cannot.
[[nodiscard]] Result<Vacuumed, StoreError> vacuum_sqlite(const std::filesystem::path& file);

/// Writes a consistent copy of the database to `target`, which must not exist, and syncs it. Works while a server has
/// the database open, in this process or another, and does not stop it from writing. Deleted content does not come
/// along. On an error nothing is left at `target`.
[[nodiscard]] Result<Done, StoreError> backup_sqlite(const std::filesystem::path& file,
                                                     const std::filesystem::path& target);

}  // namespace countersign::store
