#pragma once

#include <filesystem>

#include "store/sqlite/connection.h"
#include "store/sqlite/sqlite_store.h"

namespace countersign::store::sqlite {

/// The writer's connection to the file, which is created if missing, in write-ahead-log mode, and marked as ours.
/// Throws StoreFailure.
[[nodiscard]] Connection open_for_writing(const SqliteOptions& options);

/// Whether this program has opened the file for writing before. Throws StoreFailure.
[[nodiscard]] bool is_ours(Connection& connection);

/// Creates an empty file readable only by its owner, if missing; SQLite gives its companion files the same mode. Throws
/// StoreFailure.
void make_private_file(const std::filesystem::path& file);

}  // namespace countersign::store::sqlite
