#pragma once

#include <string>

namespace countersign::store::sqlite {

/// The name of a VFS that is `vfs` (empty: the system's own), registered at its first use, except that what SQLite
/// writes to a write-ahead log is gathered and reaches the file in few large pieces: SQLite writes each page of a
/// commit by two calls, and what the system does for each is a seventh of the writer's time. Where the log is synced or
/// read, or written at another place, what is gathered is written first. So with `synchronous=FULL` a commit is in the
/// file, and synced, before SQLite makes it visible, as without; a failure to write appears at the sync, and SQLite
/// rolls back. For the writer's connection alone; what others read of the log is in the file.
[[nodiscard]] std::string gathering_log(const std::string& vfs);

}  // namespace countersign::store::sqlite
