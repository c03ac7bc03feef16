#include "main/config/sources.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <utility>

#include "base/ascii.h"
#include "base/number.h"
#include "main/config/files.h"

namespace countersign::main {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kPrefix = "COUNTERSIGN_";
constexpr std::string_view kSealKeyVariable = "COUNTERSIGN_SEAL_KEY";

std::string_view without_final_newline(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

/// Sets `a.b.c`, creating the tables on the way.
template <class Value>
void set(toml::table& table, std::string_view dotted_key, Value&& value) {
  toml::table* at = &table;
  for (auto dot = dotted_key.find('.'); dot != std::string_view::npos; dot = dotted_key.find('.')) {
    at = at->insert(dotted_key.substr(0, dot), toml::table{}).first->second.as_table();
    dotted_key.remove_prefix(dot + 1);
  }
  at->insert_or_assign(dotted_key, std::forward<Value>(value));
}

void set_text(Layer& layer, const Variable& variable, std::string_view value, const std::string& place) {
  layer.key_names[std::string(variable.key)] = place;
  if (variable.form == Variable::Form::kList) {
    toml::array list;
    for (const auto& part : split_words(value, ", ")) list.push_back(std::string(part));
    return set(layer.table, variable.key, std::move(list));
  }
  const auto number = parse_number<std::int64_t>(value);
  // Text that is not a number stays text; its reader reports what it must be.
  if (variable.form == Variable::Form::kNumber && number) return set(layer.table, variable.key, *number);
  set(layer.table, variable.key, std::string(value));
}

/// `ID:KEY` or `KEY` (id 1), several separated by white space or commas. The highest id is the current key unless
/// another variable names it.
Result<Done, ConfigError> set_seal_keys(Layer& layer, std::string_view value, const std::string& place) {
  std::int64_t current = 0;
  for (const auto& part : split_words(value, ", \t\r\n")) {
    std::int64_t id = 1;
    const auto colon = part.find(':');
    if (colon != std::string_view::npos) {
      id = parse_number<std::int64_t>(part.substr(0, colon)).value_or(0);
      if (id < 1) {
        return fail(ConfigError{fmt::format("{}: must be KEY or ID:KEY, where ID is a whole number from 1.", place)});
      }
    }
    current = std::max(current, id);
    const auto key = fmt::format("secrets.seal_keys.{}", id);
    layer.key_names[key] = place;
    set(layer.table, key, std::string(part.substr(colon == std::string_view::npos ? 0 : colon + 1)));
  }
  if (current > 0 && !layer.key_names.contains("secrets.current_seal_key"))
    set(layer.table, "secrets.current_seal_key", current);
  return Done{};
}

/// One variable or credential, with its name for errors.
struct Setting {
  SecretString value;
  std::string place;
};
using Lookup = std::function<Result<std::optional<Setting>, ConfigError>(std::string_view variable)>;

Result<Layer, ConfigError> layer_of(std::string name, const std::vector<Variable>& known, const Lookup& look_up) {
  Layer layer;
  layer.name = std::move(name);
  layer.may_hold_secrets = true;
  for (const auto& variable : known) {
    auto setting = look_up(variable.name);
    if (!setting) return fail(setting.error());
    if (*setting) set_text(layer, variable, (*setting)->value.expose(), (*setting)->place);
  }
  if (layer.key_names.contains("providers.twilio.service_sid")) {
    set(layer.table, "providers.twilio.type", "twilio_verify");
  }
  auto seal_keys = look_up(kSealKeyVariable);
  if (!seal_keys) return fail(seal_keys.error());
  if (*seal_keys) {
    if (auto set = set_seal_keys(layer, (*seal_keys)->value.expose(), (*seal_keys)->place); !set) {
      return fail(set.error());
    }
  }
  return layer;
}

Result<std::optional<Setting>, ConfigError> setting_in_file(const fs::path& path, std::string place) {
  auto text = read_small_file(path);
  if (!text) return fail(ConfigError{fmt::format("{}: {} {}.", place, path.string(), text.error())});
  return std::optional(Setting{SecretString(std::string(without_final_newline(text->expose()))), std::move(place)});
}

/// An empty variable counts as absent: shells and container templates leave one out that way.
const std::string* find_set(const Environment& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found == environment.end() || found->second.empty() ? nullptr : &found->second;
}

/// Removes one of `endings` from the end of `text`; false if it has none of them.
bool take_ending(std::string_view& text, std::initializer_list<std::string_view> endings) {
  const auto* const found = std::ranges::find_if(endings, [&](auto ending) { return text.ends_with(ending); });
  if (found == endings.end()) return false;
  text.remove_suffix(found->size());
  return true;
}

/// `…_SERVICE_HOST`, `…_SERVICE_PORT` and `…_SERVICE_PORT_<name of the port>`.
bool names_a_service(std::string_view name) {
  constexpr std::string_view kNamedPort = "_SERVICE_PORT_";
  if (name.ends_with("_SERVICE_HOST") || name.ends_with("_SERVICE_PORT")) return true;
  const auto in_port_name = [](char c) { return is_upper(c) || is_digit(c) || c == '_'; };
  for (auto at = name.find(kNamedPort); at != std::string_view::npos; at = name.find(kNamedPort, at + 1)) {
    const auto port = name.substr(at + kNamedPort.size());
    if (!port.empty() && std::ranges::all_of(port, in_port_name)) return true;
  }
  return false;
}

/// `…_PORT_<number>_TCP` and what begins so.
bool names_a_port(std::string_view name) {
  take_ending(name, {"_PROTO", "_PORT", "_ADDR"});
  if (!take_ending(name, {"_TCP", "_UDP", "_SCTP"})) return false;
  const auto before_number = name.substr(0, name.find_last_not_of("0123456789") + 1);
  return before_number.size() < name.size() && before_number.ends_with("_PORT_");
}

/// Variables that Kubernetes sets in every container for a service whose name begins with "countersign".
bool is_of_kubernetes(std::string_view name, std::string_view value) {
  if (names_a_service(name) || names_a_port(name)) return true;
  return name.ends_with("_PORT") &&
         (value.starts_with("tcp://") || value.starts_with("udp://") || value.starts_with("sctp://"));
}

/// A misspelt variable must not silently leave a default in force.
std::optional<ConfigError> unknown_variable(const Environment& environment, const std::vector<Variable>& known) {
  std::vector<std::string> names = {"COUNTERSIGN_CONFIG", "COUNTERSIGN_SECRETS", "COUNTERSIGN_API_KEY"};
  const auto add = [&](const std::string& name) {
    names.push_back(name);
    names.push_back(name + "_FILE");
  };
  add(std::string(kSealKeyVariable));
  for (const auto& variable : known) add(variable.name);
  for (const auto& [name, value] : environment) {
    if (!name.starts_with(kPrefix) || value.empty() || is_of_kubernetes(name, value)) continue;
    if (std::ranges::find(names, name) != names.end()) continue;
    // Compared without the common prefix.
    const auto rest = [](const std::string& whole) { return whole.substr(kPrefix.size()); };
    std::vector<std::string> rests;
    for (const auto& one : names) rests.push_back(rest(one));
    auto meant = nearest(rest(name), rests);
    if (meant) meant->insert(0, kPrefix);
    return ConfigError{fmt::format("environment: {} is not a variable of this server; {}", name,
                                   meant ? fmt::format("did you mean {}?", *meant) : std::string("remove it."))};
  }
  return std::nullopt;
}

Result<Layer, ConfigError> environment_layer(const Environment& environment, const std::vector<Variable>& known) {
  if (auto unknown = unknown_variable(environment, known)) return fail(*std::move(unknown));
  return layer_of("environment", known, [&](std::string_view variable) -> Result<std::optional<Setting>, ConfigError> {
    const std::string name(variable);
    const auto* value = find_set(environment, name);
    const auto* file = find_set(environment, name + "_FILE");
    if (value != nullptr && file != nullptr) {
      return fail(ConfigError{fmt::format("environment: {0} and {0}_FILE are both set; leave one out.", name)});
    }
    if (file != nullptr) return setting_in_file(*file, name + "_FILE");
    if (value != nullptr) return std::optional(Setting{SecretString(*value), name});
    return std::optional<Setting>();
  });
}

/// Base of relative paths in files, variables and credentials: two commands with one configuration file use one
/// database, whatever their current folder. Empty (the current folder) without such a file.
fs::path base_of(const ConfigSources& sources) {
  return sources.config_file ? sources.config_file->parent_path() : fs::path();
}

std::string credential_name(std::string_view variable) {
  if (variable.starts_with(kPrefix)) variable.remove_prefix(kPrefix.size());
  return lower_case(variable);
}

Result<Layer, ConfigError> credentials_layer(const fs::path& directory, const std::vector<Variable>& known) {
  return layer_of("credentials", known, [&](std::string_view variable) -> Result<std::optional<Setting>, ConfigError> {
    const auto name = credential_name(variable);
    std::error_code ignored;
    if (!fs::exists(directory / name, ignored)) return std::optional<Setting>();
    return setting_in_file(directory / name, "credential " + name);
  });
}

Layer flags_layer(const ConfigSources& sources) {
  Layer layer;
  layer.name = "command line";
  layer.may_hold_secrets = true;  // A store URL; a password there is visible to `ps` already.
  for (const auto& variable : variables()) {
    const auto flag = sources.flags.find(std::string(variable.key));
    if (flag == sources.flags.end()) continue;
    std::string name = "--" + flag->first;
    std::ranges::replace(name, '_', '-');
    std::ranges::replace(name, '.', '-');
    set_text(layer, variable, flag->second, name);
  }
  return layer;
}

Result<Layer, ConfigError> file_layer(const fs::path& path, const Result<SecretString, std::string>& text,
                                      bool may_hold_secrets) {
  const auto name = path.filename().string();
  if (!text) return fail(ConfigError{fmt::format("{} {}.", path.string(), text.error())});
  auto table = parse_toml(text->expose(), name);
  if (!table) return fail(table.error());
  Layer layer;
  layer.name = name;
  layer.may_hold_secrets = may_hold_secrets;
  layer.base_dir = path.parent_path();
  layer.table = std::move(*table);
  return layer;
}

/// Systemd's credentials are in memory that only the service can read, with modes chosen by systemd.
Result<std::optional<Layer>, ConfigError> secrets_layer(const ConfigSources& sources, const fs::path& credentials) {
  std::error_code ignored;
  if (!credentials.empty() && !sources.secrets_file && fs::exists(credentials / kSecretsName, ignored)) {
    const auto path = credentials / kSecretsName;
    return file_layer(path, read_small_file(path), true).transform([](Layer&& l) {
      return std::optional(std::move(l));
    });
  }
  const auto path = default_secrets_file(sources);
  if (!sources.secrets_file && !fs::exists(path, ignored)) return std::optional<Layer>();
  return file_layer(path, read_private_file(path), true).transform([](Layer&& l) {
    return std::optional(std::move(l));
  });
}

}  // namespace

const std::vector<Variable>& variables() {
  static const std::vector<Variable> all = {
      {"COUNTERSIGN_MODE", "mode"},
      {"COUNTERSIGN_LISTEN", "listen", Variable::Form::kList},
      {"COUNTERSIGN_PUBLIC_URL", "public_url"},
      {"COUNTERSIGN_DATA_DIR", "data_dir"},
      {"COUNTERSIGN_TRUSTED_PROXIES", "trusted_proxies", Variable::Form::kList},
      {"COUNTERSIGN_TLS_CERTIFICATE", "tls.certificate"},
      {"COUNTERSIGN_TLS_KEY", "tls.key"},
      {"COUNTERSIGN_STORE_PATH", "store.path"},
      {"COUNTERSIGN_STORE_URL", "store.url"},
      {"COUNTERSIGN_LOG_LEVEL", "log.level"},
      {"COUNTERSIGN_METRICS_LISTEN", "metrics.listen"},
      {"COUNTERSIGN_METRICS_TOKEN", "metrics.token"},
      {"COUNTERSIGN_TRACING_ENDPOINT", "tracing.endpoint"},
      {"COUNTERSIGN_TRACING_HEADERS", "tracing.headers"},
      {"COUNTERSIGN_LOOKUP_KEY", "secrets.lookup_key"},
      {"COUNTERSIGN_CURRENT_SEAL_KEY", "secrets.current_seal_key", Variable::Form::kNumber},
      {"COUNTERSIGN_SIGNING_KEY", "secrets.signing_key"},
      {"COUNTERSIGN_NEXT_SIGNING_KEY", "secrets.next_signing_key"},
      {"COUNTERSIGN_RETIRED_SIGNING_KEYS", "secrets.retired_signing_keys"},
      {"COUNTERSIGN_PUSH_KEY", "secrets.push_key"},
      {"COUNTERSIGN_PREVIOUS_PUSH_KEY", "secrets.previous_push_key"},
      {"TWILIO_ACCOUNT_SID", "providers.twilio.account_sid"},
      {"TWILIO_AUTH_TOKEN", "providers.twilio.auth_token"},
      {"TWILIO_VERIFY_SERVICE_SID", "providers.twilio.service_sid"},
  };
  return all;
}

Result<toml::table, ConfigError> parse_toml(std::string_view text, const std::string& name) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    return fail(ConfigError{
        fmt::format("{}:{}: is not valid TOML: {}.", name, error.source().begin.line, error.description())});
  }
}

fs::path default_secrets_file(const ConfigSources& sources) {
  if (sources.secrets_file) return *sources.secrets_file;
  const auto own = data_dir_of(sources) / kSecretsName;
  if (!sources.config_file) return own;
  const auto beside = sources.config_file->parent_path() / kSecretsName;
  std::error_code ignored;
  // Development mode generates its own keys, in its data directory; a folder with a configuration may be a repository.
  return sources.development && !fs::exists(beside, ignored) ? own : beside;
}

fs::path absolute_path(const fs::path& path) {
  std::error_code ignored;
  auto absolute = fs::absolute(path, ignored);
  return (absolute.empty() ? path : absolute).lexically_normal();
}

fs::path data_dir_of(const ConfigSources& sources) {
  if (const auto flag = sources.flags.find("data_dir"); flag != sources.flags.end()) return absolute_path(flag->second);
  const auto base = base_of(sources);
  if (const auto* variable = find_set(sources.environment, "COUNTERSIGN_DATA_DIR"))
    return absolute_path(base / *variable);
  if (sources.config_file) {
    if (const auto text = read_small_file(*sources.config_file)) {
      if (const auto table = parse_toml(text->expose(), ""); table && (*table)["data_dir"].is_string())
        return absolute_path(base / *(*table)["data_dir"].value_exact<std::string>());
    }
  }
  if (const auto* state = find_set(sources.environment, "STATE_DIRECTORY")) return absolute_path(*state);
  return absolute_path(base / "data");
}

std::vector<Variable> provider_variables(std::string_view provider) {
  std::string name = upper_case(provider);
  std::ranges::replace(name, '-', '_');
  std::vector<Variable> made;
  for (const auto& [suffix, key] :
       {std::pair("SECRET", "secret"), std::pair("PREVIOUS_SECRET", "previous_secret"),
        std::pair("AUTH_TOKEN", "auth_token"), std::pair("API_KEY_SECRET", "api_key_secret"),
        std::pair("PASSWORD", "password"), std::pair("ACCESS_TOKEN", "access_token"),
        std::pair("APP_SECRET", "app_secret"), std::pair("PREVIOUS_APP_SECRET", "previous_app_secret"),
        std::pair("VERIFY_TOKEN", "verify_token"), std::pair("REPORT_SECRET", "report_secret"),
        std::pair("INBOUND_SECRET", "inbound_secret")}) {
    made.push_back(
        {fmt::format("COUNTERSIGN_PROVIDER_{}_{}", name, suffix), fmt::format("providers.{}.{}", provider, key)});
  }
  return made;
}

std::string where_keys_should_be(const ConfigSources& sources) {
  const auto* directory = find_set(sources.environment, "CREDENTIALS_DIRECTORY");
  std::error_code ignored;
  fs::path path = default_secrets_file(sources);
  if (directory != nullptr && !sources.secrets_file && fs::exists(fs::path(*directory) / kSecretsName, ignored))
    path = fs::path(*directory) / kSecretsName;
  return fmt::format("{} {}", path.string(), fs::exists(path, ignored) ? "does not hold it" : "is not there");
}

Result<std::vector<Layer>, ConfigError> read_layers(const ConfigSources& sources) {
  const auto* directory = find_set(sources.environment, "CREDENTIALS_DIRECTORY");
  const fs::path credentials = directory == nullptr ? fs::path() : fs::path(*directory);
  // Files first, because they name the providers whose secrets may be elsewhere.
  Layer configuration;
  configuration.name = "configuration";
  if (sources.config_file) {
    auto file = file_layer(*sources.config_file, read_small_file(*sources.config_file), false);
    if (!file) return fail(file.error());
    configuration = std::move(*file);
  }
  auto secrets = secrets_layer(sources, credentials);
  if (!secrets) return fail(secrets.error());
  std::vector<Variable> known = variables();
  for (const auto* layer : {&configuration, *secrets ? &**secrets : nullptr}) {
    const auto* providers = layer == nullptr ? nullptr : layer->table["providers"].as_table();
    if (providers == nullptr) continue;
    for (const auto& [name, provider] : *providers)
      std::ranges::move(provider_variables(name.str()), std::back_inserter(known));
  }

  std::vector<Layer> layers;
  layers.push_back(flags_layer(sources));
  auto environment = environment_layer(sources.environment, known);
  if (!environment) return fail(environment.error());
  environment->base_dir = base_of(sources);
  layers.push_back(std::move(*environment));
  if (!credentials.empty()) {
    auto layer = credentials_layer(credentials, known);
    if (!layer) return fail(layer.error());
    layer->base_dir = base_of(sources);
    layers.push_back(std::move(*layer));
  }
  if (*secrets) layers.push_back(std::move(**secrets));
  layers.push_back(std::move(configuration));
  return layers;
}

}  // namespace countersign::main
