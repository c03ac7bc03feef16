#pragma once

#include <filesystem>

#include "store/sqlite/connection.h"
#include "store/sqlite/sqlite_store.h"

namespace countersign::store {

/// The writer's connection to the file, made if it is not there, in write-ahead-log mode and marked as ours.
/// Throws StoreFailure.
[[nodiscard]] Connection open_for_writing(const SqliteOptions& options);

/// Whether the file has been opened for writing by this program before. Throws StoreFailure.
[[nodiscard]] bool is_ours(Connection& connection);

/// Makes an empty file that its owner alone can read, if there is none; SQLite gives its companions the same mode.
/// Throws StoreFailure.
void make_private_file(const std::filesystem::path& file);

}  // namespace countersign::store
