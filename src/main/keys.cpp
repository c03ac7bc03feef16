#include "main/keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <vector>

#include "base/encoding.h"
#include "crypto/jws_key.h"
#include "main/config_sources.h"
#include "main/files.h"

namespace countersign::app {

namespace fs = std::filesystem;

namespace {

/// Where in the file the lines are that a rotation changes. Lines count from 1.
struct KeyLines {
  std::uint32_t highest_id = 0;
  std::size_t last_key_line = 0;
  std::size_t current_line = 0;
};

std::optional<KeyLines> find_lines(const toml::table& table) {
  const auto* keys = table["secrets"]["seal_keys"].as_table();
  const auto* current = table["secrets"]["current_seal_key"].as_integer();
  if (keys == nullptr || keys->empty() || current == nullptr) return std::nullopt;
  KeyLines lines;
  lines.current_line = current->source().begin.line;
  for (const auto& [name, node] : *keys) {
    std::uint32_t id = 0;
    const auto text = name.str();
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    lines.highest_id = std::max(lines.highest_id, id);
    lines.last_key_line = std::max<std::size_t>(lines.last_key_line, node.source().end.line);
  }
  return lines;
}

/// The text with the line of the current id replaced and the new key's line added behind the last key.
SecretString with_new_key(std::string_view text, const KeyLines& lines, std::uint32_t id, const SecretString& key) {
  SecretString result;
  auto& out = result.expose_for_writing();
  out.reserve(text.size() + 256);
  for (std::size_t line = 1; !text.empty(); ++line) {
    const auto end = text.find('\n');
    const auto one = text.substr(0, end == std::string_view::npos ? text.size() : end + 1);
    text.remove_prefix(one.size());
    if (line == lines.current_line) {
      out += fmt::format("current_seal_key = {}\n", id);
    } else {
      out += one;
    }
    if (line == lines.last_key_line) {
      if (!out.ends_with('\n')) out += '\n';
      out += fmt::format("{} = \"{}\"\n", id, key.expose());
    }
  }
  return result;
}

/// A file that was laid out in some other way (inline tables) would come out wrong; so the result is read back.
bool says(const SecretString& text, std::uint32_t id, const SecretString& key, std::size_t keys_before) {
  const auto table = parse_toml(text.expose(), "");
  if (!table) return false;
  const auto& secrets = (*table)["secrets"];
  const auto* keys = secrets["seal_keys"].as_table();
  return keys != nullptr && keys->size() == keys_before + 1 &&
         secrets["current_seal_key"].value<std::int64_t>() == id &&
         secrets["seal_keys"][std::to_string(id)].value<std::string>() == key.expose();
}

}  // namespace

Result<std::uint32_t, ConfigError> rotate_seal_key(const fs::path& secrets_file, Random& random) {
  const auto error = [&](std::string_view problem) {
    return fail(ConfigError{fmt::format("{} {}.", secrets_file.string(), problem)});
  };
  const auto text = read_private_file(secrets_file);
  if (!text) return error(text.error());
  const auto table = parse_toml(text->expose(), secrets_file.filename().string());
  if (!table) return fail(table.error());
  const auto lines = find_lines(*table);
  if (!lines || lines->highest_id == std::numeric_limits<std::uint32_t>::max()) {
    return error("has no [secrets.seal_keys] and secrets.current_seal_key to rotate; add the new key by hand");
  }

  const std::uint32_t id = lines->highest_id + 1;
  const SecretString key(to_base64(random.bytes(crypto::Keyring::kKeySize)));
  const auto next = with_new_key(text->expose(), *lines, id, key);
  if (!says(next, id, key, (*table)["secrets"]["seal_keys"].as_table()->size())) {
    return error("is not laid out with one key a line; add the new key by hand");
  }
  if (const auto replaced = replace_private_file(secrets_file, next.expose()); !replaced)
    return error(replaced.error());
  return id;
}

crypto::Keyring keyring_of(const SecretsConfig& secrets) {
  auto ring = crypto::Keyring::make(secrets.seal_keys, secrets.current_seal_key, secrets.lookup_key);
  CS_CHECK(ring.has_value());
  return *std::move(ring);
}

std::string list_keys(const SecretsConfig& secrets) {
  const auto ring = keyring_of(secrets);
  std::string text;
  for (const auto id : ring.ids()) {
    text += fmt::format("sealing {:<3} {}{}\n", id, *ring.check_value(id), id == ring.current_id() ? "  current" : "");
  }
  text += fmt::format("look-up     {}\n", ring.lookup_check_value());
  const auto signing = crypto::SigningKey::from_pkcs8_pem(secrets.signing_key.expose());
  CS_CHECK(signing.has_value());
  text += fmt::format("signing     {} ({})\n", signing->kid(), crypto::jws_name(signing->algorithm()));
  return text;
}

}  // namespace countersign::app
