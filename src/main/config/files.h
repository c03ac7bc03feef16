#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace countersign::main {

// Files with configuration and keys. Errors are the end of a sentence: "cannot be read: no such file".

/// The whole file, at most 1 MiB: a larger one is a device or a wrong path.
[[nodiscard]] Result<SecretString, std::string> read_small_file(const std::filesystem::path& path);

/// A regular file with nothing secret in it, of at most `size_max` bytes.
[[nodiscard]] Result<std::string, std::string> read_public_file(const std::filesystem::path& path,
                                                                std::size_t size_max);

/// Like read_small_file(), for a private file: a regular file owned by us or by root, without permissions for group or
/// others; or root's file readable by one group, ours, as Kubernetes mounts secrets. [CRY-2]
[[nodiscard]] Result<SecretString, std::string> read_private_file(const std::filesystem::path& path);

/// Whether this process is in that group, as its primary or a supplementary one.
[[nodiscard]] bool is_our_group(unsigned group);

enum class Visibility { kPrivate, kPublic };  ///< Mode 0600 or 0644.

/// Creates the file; fails if it exists. Synced on return.
[[nodiscard]] Result<Done, std::string> write_new_file(const std::filesystem::path& path, std::string_view text,
                                                       Visibility visibility);

/// Replaces the private file at `path` atomically, keeping owner, group and mode. Synced on return.
[[nodiscard]] Result<Done, std::string> replace_private_file(const std::filesystem::path& path, std::string_view text);

}  // namespace countersign::main
