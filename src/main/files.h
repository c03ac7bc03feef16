#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace countersign::app {

// Files that hold configuration and keys. Errors are a few words that finish a sentence: "cannot be read: no such
// file".

/// The whole file, at most 1 MiB of it: a configuration is small, and a device or a wrong path is not.
[[nodiscard]] Result<SecretString, std::string> read_small_file(const std::filesystem::path& path);

/// As read_small_file(), for a file that nobody else may read: a regular file that belongs to us or to root, with no
/// permission for group or others; or root's that one group may read, ours, as Kubernetes mounts secrets. [CRY-2]
[[nodiscard]] Result<SecretString, std::string> read_private_file(const std::filesystem::path& path);

/// Whether this process is in that group, by its own or one of its further ones.
[[nodiscard]] bool is_our_group(unsigned group);

enum class Visibility { kPrivate, kPublic };  ///< Mode 0600 or 0644.

/// Makes the file, and fails if it is there. Synced when it answers.
[[nodiscard]] Result<Done, std::string> write_new_file(const std::filesystem::path& path, std::string_view text,
                                                       Visibility visibility);

/// Puts a private file in the place of `path` in one step, with its owner, group and mode kept. Synced when it answers.
[[nodiscard]] Result<Done, std::string> replace_private_file(const std::filesystem::path& path, std::string_view text);

}  // namespace countersign::app
