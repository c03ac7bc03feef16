#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "main/config.h"

namespace countersign::app {

/// The annotated configuration file that is committed as deploy/countersign.example.toml.
[[nodiscard]] std::string_view example_config();

/// The text of a secrets file with fresh keys: one sealing key with id 1, the look-up key, the signing key.
[[nodiscard]] SecretString fresh_secrets(Random& random);

struct InitRequest {
  std::filesystem::path dir;
  std::string public_url;
};

/// Writes `countersign.toml` and `countersign.secrets.toml` (mode 0600) for production into `dir`, which is made if
/// need be. Overwrites nothing: when either file is there, nothing is written.
[[nodiscard]] Result<Done, ConfigError> init_production(const InitRequest& request, Random& random);

/// What the development mode needs before load_config(): the data directory (mode 0700), and in it a secrets file with
/// keys of its own unless there is one.
[[nodiscard]] Result<Done, ConfigError> prepare_development(const ConfigSources& sources, Random& random);

}  // namespace countersign::app
