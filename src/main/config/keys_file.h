#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "main/config/config.h"

namespace countersign::main {

/// The text of a secrets file, with the changes that a change of keys needs. Comments and everything else stay as they
/// are. If the file's layout would make the result wrong, the whole change is undone, and the error says to make it by
/// hand.
class KeysFile {
 public:
  [[nodiscard]] static Result<KeysFile, ConfigError> read(const std::filesystem::path& path);

  /// The name of a setting of this file that differs from `in_force`, because a source above the file overrides it.
  [[nodiscard]] std::optional<std::string> is_overruled_by(const SecretsConfig& in_force) const;

  /// Adds a fresh sealing key, which is not used yet; returns its id, higher than all others.
  [[nodiscard]] Result<std::uint32_t, ConfigError> add_seal_key(Random& random);
  /// Makes the existing key with that id seal new data.
  [[nodiscard]] Result<Done, ConfigError> use_seal_key(std::uint32_t id);
  /// Removes the existing key with that id, which is not the current one.
  [[nodiscard]] Result<Done, ConfigError> drop_seal_key(std::uint32_t id);

  /// Adds a fresh signing key of the current one's type, which is not used yet; returns its `kid`.
  [[nodiscard]] Result<std::string, ConfigError> add_signing_key(Random& random);
  /// Makes the next signing key current. Of the previous one only the public half stays.
  [[nodiscard]] Result<Done, ConfigError> use_next_signing_key();

  /// Makes a fresh push key the current one, and the current one, if any, the previous; returns its thumbprint.
  [[nodiscard]] Result<std::string, ConfigError> add_push_key(Random& random);
  /// Removes the previous push key: what is subscribed with it gets nothing any more.
  [[nodiscard]] Result<Done, ConfigError> drop_previous_push_key();

  /// Replaces the file atomically, keeping owner, group and mode: after a crash it is either the old or the new one.
  [[nodiscard]] Result<Done, ConfigError> write() const;

 private:
  KeysFile(std::filesystem::path path, SecretString text) : path_(std::move(path)), text_(std::move(text)) {}

  std::filesystem::path path_;
  SecretString text_;
};

}  // namespace countersign::main
