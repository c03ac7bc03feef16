#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "main/config/config.h"

namespace countersign::main {

/// The annotated configuration file, deploy/countersign.example.toml.
[[nodiscard]] std::string_view example_config();

/// The text of a secrets file with fresh keys: one sealing key with id 1, the look-up key, the signing key.
[[nodiscard]] SecretString fresh_secrets(Random& random);

struct InitRequest {
  std::filesystem::path dir;
  std::string public_url;
};

/// Writes `countersign.toml` and `countersign.secrets.toml` (mode 0600) for production into `dir`, which is created if
/// necessary. If either file exists, nothing is written.
[[nodiscard]] Result<Done, ConfigError> init_production(const InitRequest& request, Random& random);

/// Prepares development mode before load_config(): the data directory (mode 0700), with a secrets file of its own keys
/// unless it exists.
[[nodiscard]] Result<Done, ConfigError> prepare_development(const ConfigSources& sources, Random& random);

}  // namespace countersign::main
