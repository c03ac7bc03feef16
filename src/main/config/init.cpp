#include "main/config/init.h"

#include <fmt/format.h>

#include <system_error>

#include "base/encoding.h"
#include "crypto/jws_key.h"
#include "crypto/keyring.h"
#include "main/config/files.h"
#include "main/config/parts.h"
#include "main/config/sources.h"

namespace countersign::main {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kConfigName = "countersign.toml";
constexpr std::string_view kExampleUrl = "https://verify.example.com";

ConfigError error_at(const fs::path& path, std::string_view problem) {
  return ConfigError{fmt::format("{} {}.", path.string(), problem)};
}

Result<Done, ConfigError> make_directory(const fs::path& dir) {
  std::error_code error;
  const bool made = fs::create_directories(dir, error);
  if (error) return fail(error_at(dir, fmt::format("cannot be made: {}", error.message())));
  if (made) fs::permissions(dir, fs::perms::owner_all, error);
  if (error) return fail(error_at(dir, fmt::format("cannot be made private: {}", error.message())));
  return Done{};
}

Result<Done, ConfigError> write(const fs::path& path, std::string_view text, Visibility visibility) {
  return write_new_file(path, text, visibility).transform_error([&](const std::string& problem) {
    return error_at(path, problem);
  });
}

std::string config_for(std::string_view public_url) {
  std::string text(example_config());
  const auto at = text.find(kExampleUrl);
  CS_CHECK(at != std::string::npos);
  return text.replace(at, kExampleUrl.size(), public_url);
}

}  // namespace

SecretString fresh_secrets(Random& random) {
  const auto key = [&] { return to_base64(random.bytes(crypto::Keyring::kKeySize)); };
  const auto signing_key = crypto::SigningKey::generate(crypto::JwsAlgorithm::kEdDsa, random);
  const auto push_key = crypto::SigningKey::generate(crypto::JwsAlgorithm::kEs256, random);
  return SecretString(fmt::format(
      "# The keys of this server. Without them nothing that it stored can be read; whoever has them and the\n"
      "# database can read everything. Keep a copy apart from the database's backups, and out of version control.\n"
      "\n"
      "[secrets]\n"
      "current_seal_key = 1\n"
      "lookup_key = \"{}\"\n"
      "signing_key = \"\"\"\n{}\"\"\"\n"
      "push_key = \"\"\"\n{}\"\"\"\n"
      "\n"
      "[secrets.seal_keys]\n"
      "1 = \"{}\"\n",
      key(), signing_key.to_pkcs8_pem().expose(), push_key.to_pkcs8_pem().expose(), key()));
}

Result<Done, ConfigError> init_production(const InitRequest& request, Random& random) {
  const auto origin = parse_origin(request.public_url);
  if (!origin || !origin->starts_with("https://")) {
    return fail(ConfigError{fmt::format("--public-url must be an https:// origin such as {}, but is \"{}\".",
                                        kExampleUrl, request.public_url)});
  }
  const auto config_path = request.dir / kConfigName;
  const auto secrets_path = request.dir / kSecretsName;
  for (const auto& path : {config_path, secrets_path}) {
    std::error_code ignored;
    if (fs::exists(fs::symlink_status(path, ignored))) {
      return fail(error_at(path, "is there already; nothing was written"));
    }
  }
  if (auto made = make_directory(request.dir); !made) return made;
  if (auto written = write(secrets_path, fresh_secrets(random).expose(), Visibility::kPrivate); !written)
    return written;
  return write(config_path, config_for(*origin), Visibility::kPublic);
}

Result<Done, ConfigError> prepare_development(const ConfigSources& sources, Random& random) {
  if (auto made = make_directory(data_dir_of(sources)); !made) return made;
  const auto path = default_secrets_file(sources);
  std::error_code ignored;
  if (fs::exists(fs::symlink_status(path, ignored))) return Done{};
  const auto database = data_dir_of(sources) / "countersign.db";
  if (fs::exists(database, ignored)) {
    return fail(error_at(path, fmt::format("is missing, and {} was written under its keys; put it back, or remove the "
                                           "database as well",
                                           database.string())));
  }
  return write(path, fresh_secrets(random).expose(), Visibility::kPrivate);
}

}  // namespace countersign::main
