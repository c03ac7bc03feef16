#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/random.h"
#include "base/result.h"
#include "crypto/keyring.h"
#include "main/config.h"

namespace countersign::app {

/// Adds a fresh sealing key to the secrets file and makes it the current one; answers its id. The others stay, because
/// what they sealed must still be read. Comments and everything else in the file stay as they are. The file is replaced
/// in one step, so a crash leaves the old one or the new one. A running server takes the new key at its next start.
[[nodiscard]] Result<std::uint32_t, ConfigError> rotate_seal_key(const std::filesystem::path& secrets_file,
                                                                 Random& random);

/// The keys of a configuration that was checked.
[[nodiscard]] crypto::Keyring keyring_of(const SecretsConfig& secrets);

/// One line for each key: use, id, and its check value, which tells keys apart and reveals nothing. [CRY-7]
[[nodiscard]] std::string list_keys(const SecretsConfig& secrets);

}  // namespace countersign::app
