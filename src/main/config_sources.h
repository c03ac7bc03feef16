#pragma once

#include <filesystem>
#include <vector>

#include "base/result.h"
#include "main/config.h"
#include "main/config_reader.h"

namespace countersign::app {

inline constexpr std::string_view kSecretsName = "countersign.secrets.toml";  ///< Beside the configuration file.

/// Reads every source of settings into its layer, highest first; the last one is the configuration file, or an empty
/// layer in its place.
[[nodiscard]] Result<std::vector<Layer>, ConfigError> read_layers(const ConfigSources& sources);

/// The text of a configuration file as a table. `name` is what errors call it.
[[nodiscard]] Result<toml::table, ConfigError> parse_toml(std::string_view text, const std::string& name);

/// An environment variable that sets a key. With `_FILE` behind its name it names a file that holds the value; its name
/// in lower case, without `COUNTERSIGN_`, is the name of the systemd credential.
struct Variable {
  std::string_view name;
  std::string_view key;
  bool is_list = false;  ///< Separated by commas.
};

/// All of them; COUNTERSIGN_SEAL_KEY, which can hold several keys, is treated apart.
[[nodiscard]] const std::vector<Variable>& variables();

}  // namespace countersign::app
