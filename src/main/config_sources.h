#pragma once

#include <filesystem>
#include <string>
#include <string_view>
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
  std::string name;
  std::string key;
  enum class Form { kText, kList, kNumber } form = Form::kText;  ///< A list is separated by commas.
};

/// All of them; COUNTERSIGN_SEAL_KEY, which can hold several keys, is treated apart.
[[nodiscard]] const std::vector<Variable>& variables();

/// Those of the secrets of a provider that a file names: `COUNTERSIGN_PROVIDER_HOOK_SECRET` for `hook`.
[[nodiscard]] std::vector<Variable> provider_variables(std::string_view provider);

/// The path from the root, without `.` and `..`. Messages name files so, and files are opened so.
[[nodiscard]] std::filesystem::path absolute_path(const std::filesystem::path& path);

/// For who finds a key missing: which secrets file is not there, or does not hold it.
[[nodiscard]] std::string where_keys_should_be(const ConfigSources& sources);

}  // namespace countersign::app
