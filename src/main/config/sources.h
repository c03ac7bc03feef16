#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "main/config/config.h"
#include "main/config/reader.h"

namespace countersign::main {

inline constexpr std::string_view kSecretsName = "countersign.secrets.toml";  ///< Beside the configuration file.

/// Reads every source of settings into its layer, highest first; the last is the configuration file, or an empty layer
/// instead.
[[nodiscard]] Result<std::vector<Layer>, ConfigError> read_layers(const ConfigSources& sources);

/// Parses a configuration file. `name` is its name in errors.
[[nodiscard]] Result<toml::table, ConfigError> parse_toml(std::string_view text, const std::string& name);

/// An environment variable that sets a key. With the suffix `_FILE` it names a file with the value; in lower case,
/// without `COUNTERSIGN_`, it is the name of the systemd credential.
struct Variable {
  std::string name;
  std::string key;
  enum class Form { kText, kList, kNumber } form = Form::kText;  ///< A list is separated by commas.
};

/// All variables except COUNTERSIGN_SEAL_KEY, which can hold several keys and is read separately.
[[nodiscard]] const std::vector<Variable>& variables();

/// The variables for the secrets of a provider in a file: `COUNTERSIGN_PROVIDER_HOOK_SECRET` for `hook`.
[[nodiscard]] std::vector<Variable> provider_variables(std::string_view provider);

/// The absolute path, without `.` and `..`, used in messages and to open files.
[[nodiscard]] std::filesystem::path absolute_path(const std::filesystem::path& path);

/// For the error about a missing key: which secrets file does not exist, or lacks it.
[[nodiscard]] std::string where_keys_should_be(const ConfigSources& sources);

}  // namespace countersign::main
