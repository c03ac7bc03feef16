#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "main/config.h"

namespace countersign::app {

/// The text of a secrets file, and the few changes to it that a change of keys needs. Comments and everything else stay
/// as they are. A change is taken back whole where the file is laid out so that it would come out wrong; the error then
/// says that it is to be made by hand.
class KeysFile {
 public:
  [[nodiscard]] static Result<KeysFile, ConfigError> read(const std::filesystem::path& path);

  /// The name of a setting of this file that is not what `in_force` says, because something above the file says
  /// another.
  [[nodiscard]] std::optional<std::string> is_overruled_by(const SecretsConfig& in_force) const;

  /// Adds a fresh sealing key, which seals nothing yet; answers its id, above all others.
  [[nodiscard]] Result<std::uint32_t, ConfigError> add_seal_key(Random& random);
  /// Lets the key of that id, which is there, seal what is new.
  [[nodiscard]] Result<Done, ConfigError> use_seal_key(std::uint32_t id);
  /// Takes out the key of that id, which is there and is not the current one.
  [[nodiscard]] Result<Done, ConfigError> drop_seal_key(std::uint32_t id);

  /// Adds a fresh signing key of the kind of the current one, which signs nothing yet; answers its `kid`.
  [[nodiscard]] Result<std::string, ConfigError> add_signing_key(Random& random);
  /// Lets the next signing key sign. Of the one before only the public half stays.
  [[nodiscard]] Result<Done, ConfigError> use_next_signing_key();

  /// Puts the text in the file's place in one step, with owner, group and mode kept: a crash leaves the one or the
  /// other.
  [[nodiscard]] Result<Done, ConfigError> write() const;

 private:
  KeysFile(std::filesystem::path path, SecretString text) : path_(std::move(path)), text_(std::move(text)) {}

  std::filesystem::path path_;
  SecretString text_;
};

}  // namespace countersign::app
