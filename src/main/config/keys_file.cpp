#include "main/config/keys_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "base/encoding.h"
#include "base/number.h"
#include "crypto/jws_key.h"
#include "crypto/keyring.h"
#include "main/config/files.h"
#include "main/config/sources.h"

namespace countersign::main {

namespace fs = std::filesystem;

// secrets file := TOML, one key a line, as `countersign init` writes it
//    [secrets]
//    lookup_key              Base64 of 32 bytes
//    current_seal_key        the id that seals; missing: there is one key
//    signing_key             PKCS #8, PEM
//    next_signing_key        likewise; only while one waits
//    retired_signing_keys    public keys, PEM, one after another
//    push_key                PKCS #8, PEM; missing: no Web Push
//    previous_push_key       likewise; while some are subscribed with it
//    [secrets.seal_keys]
//    1, 2, …                 Base64 of 32 bytes each
// Ids count up and are never used again: sealed values name them (crypto/sealing.cpp).

namespace {

/// Replaces lines `first` to `last`, counted from 1, by `text`. Only inserts if `last` is below `first`.
struct LineChange {
  std::size_t first;
  std::size_t last;
  std::string text;  ///< Whole lines, with line ends; may hold keys, and is wiped when freed.
};

LineChange lines_of(const toml::node& node, std::string text) {
  return {node.source().begin.line, node.source().end.line, std::move(text)};
}

LineChange behind(const toml::node& node, std::string text) {
  const std::size_t next = node.source().end.line + 1;
  return {next, next - 1, std::move(text)};
}

SecretString with_changes(std::string_view text, std::vector<LineChange> changes) {
  std::ranges::sort(changes, {}, &LineChange::first);
  SecretString result;
  auto& out = result.expose_for_writing();
  out.reserve(2 * text.size() + 4096);  // One allocation, so that no copies remain from growing.
  auto change = changes.begin();
  std::size_t line = 1;
  const auto insert_due = [&] {
    for (; change != changes.end() && change->first <= line && change->last < change->first; ++change) {
      if (!out.empty() && !out.ends_with('\n')) out += '\n';
      out += change->text;
    }
  };
  for (; !text.empty(); ++line) {
    insert_due();
    const auto one = text.substr(0, std::min(text.find('\n'), text.size() - 1) + 1);
    text.remove_prefix(one.size());
    const bool replaced = change != changes.end() && line >= change->first && line <= change->last;
    if (!replaced) out += one;
    if (replaced && line == change->last) out += (change++)->text;
  }
  insert_due();
  return result;
}

std::string multi_line(std::string_view key, std::string_view text) {
  return fmt::format("{} = \"\"\"\n{}\"\"\"\n", key, text);
}

std::optional<std::uint32_t> id_of(std::string_view name) {
  const auto id = parse_number<std::uint32_t>(name);
  return id && *id > 0 ? id : std::nullopt;
}

/// One change: the parsed text before, the expected one afterwards, and the changed lines.
class Edit {
 public:
  Edit(const fs::path& path, const SecretString& text) : path_(path), text_(text) {}

  [[nodiscard]] Result<Done, ConfigError> parse() {
    auto table = parse_toml(text_.expose(), path_.filename().string());
    if (!table) return fail(table.error());
    before_ = *std::move(table);
    after_ = before_;
    return Done{};
  }

  [[nodiscard]] ConfigError error(std::string_view problem) const {
    return ConfigError{fmt::format("{} {}.", path_.string(), problem)};
  }

  [[nodiscard]] const toml::node* find(std::string_view key) const { return before_["secrets"][key].node(); }
  [[nodiscard]] const toml::table* seal_keys() const { return before_["secrets"]["seal_keys"].as_table(); }
  [[nodiscard]] std::string text_of(std::string_view key) const {
    return before_["secrets"][key].value_or(std::string());
  }
  [[nodiscard]] toml::table& secrets() { return *after_["secrets"].as_table(); }
  void change(LineChange one) { changes_.push_back(std::move(one)); }

  /// The new text; an error if it does not parse to what is expected.
  [[nodiscard]] Result<SecretString, ConfigError> apply() {
    auto next = with_changes(text_.expose(), std::move(changes_));
    const auto read_back = parse_toml(next.expose(), "");
    if (!read_back || *read_back != after_) return fail(by_hand());
    return next;
  }
  [[nodiscard]] ConfigError by_hand() const {
    return error("is not laid out with one key a line, as `countersign init` writes it; change it by hand");
  }

 private:
  const fs::path& path_;
  const SecretString& text_;
  toml::table before_;
  toml::table after_;
  std::vector<LineChange> changes_;
};

Result<SecretString, ConfigError> with_seal_key(Edit& edit, std::uint32_t& id, Random& random) {
  const auto* keys = edit.seal_keys();
  if (keys == nullptr || keys->empty()) return fail(edit.error("has no [secrets.seal_keys]; add the new key by hand"));
  std::uint32_t highest = 0;
  const toml::node* last = nullptr;
  for (const auto& [name, node] : *keys) {
    const auto one = id_of(name.str());
    if (!one) return fail(edit.by_hand());
    highest = std::max(highest, *one);
    if (last == nullptr || node.source().end.line > last->source().end.line) last = &node;
  }
  if (highest == std::numeric_limits<std::int32_t>::max()) return fail(edit.error("has no room for a further id"));
  id = highest + 1;
  if (edit.find("current_seal_key") == nullptr) {
    // There is one key, so it is current; with two, the current one must be named.
    const auto* lookup = edit.find("lookup_key");
    if (keys->size() != 1 || lookup == nullptr) return fail(edit.by_hand());
    edit.change(behind(*lookup, fmt::format("current_seal_key = {}\n", highest)));
    edit.secrets().insert_or_assign("current_seal_key", static_cast<std::int64_t>(highest));
  }
  const SecretString key(to_base64(random.bytes(crypto::Keyring::kKeySize)));
  edit.change(behind(*last, fmt::format("{} = \"{}\"\n", id, key.expose())));
  edit.secrets()["seal_keys"].as_table()->insert_or_assign(std::to_string(id), key.expose());
  return edit.apply();
}

Result<SecretString, ConfigError> with_next_signing_key(Edit& edit, const crypto::SigningKey& key) {
  const auto* node = edit.find("signing_key");
  const SecretString pem = key.to_pkcs8_pem();
  edit.change(behind(*node, multi_line("next_signing_key", pem.expose())));
  edit.secrets().insert_or_assign("next_signing_key", pem.expose());
  return edit.apply();
}

Result<SecretString, ConfigError> with_next_in_force(Edit& edit, const crypto::SigningKey& before) {
  const std::string next = edit.text_of("next_signing_key");
  const std::string retired = edit.text_of("retired_signing_keys") + before.public_key().to_pem();
  const std::string retired_lines = multi_line("retired_signing_keys", retired);
  edit.change(lines_of(*edit.find("signing_key"), multi_line("signing_key", next)));
  if (const auto* there = edit.find("retired_signing_keys")) {
    edit.change(lines_of(*edit.find("next_signing_key"), ""));
    edit.change(lines_of(*there, retired_lines));
  } else {
    edit.change(lines_of(*edit.find("next_signing_key"), retired_lines));
  }
  edit.secrets().insert_or_assign("signing_key", next);
  edit.secrets().insert_or_assign("retired_signing_keys", retired);
  edit.secrets().erase("next_signing_key");
  return edit.apply();
}

}  // namespace

Result<KeysFile, ConfigError> KeysFile::read(const fs::path& path) {
  auto text = read_private_file(path);
  if (!text) return fail(ConfigError{fmt::format("{} {}.", path.string(), text.error())});
  return KeysFile(path, *std::move(text));
}

std::optional<std::string> KeysFile::is_overruled_by(const SecretsConfig& in_force) const {
  const auto table = parse_toml(text_.expose(), "");
  const auto secrets = table ? (*table)["secrets"] : toml::node_view<const toml::node>();
  const auto* keys = secrets["seal_keys"].as_table();
  for (const auto& entry : in_force.seal_keys) {
    const auto text = secrets["seal_keys"][std::to_string(entry.id)].value<std::string>();
    if (!text || from_base64(*text) != entry.key.expose()) return fmt::format("secrets.seal_keys.{}", entry.id);
  }
  if (keys == nullptr || keys->size() != in_force.seal_keys.size()) return "secrets.seal_keys";
  const auto current = secrets["current_seal_key"].value_or<std::int64_t>(in_force.seal_keys.front().id);
  if (current != in_force.current_seal_key) return "secrets.current_seal_key";
  if (secrets["signing_key"].value_or(std::string()) != in_force.signing_key.expose()) return "secrets.signing_key";
  if (secrets["next_signing_key"].value_or(std::string()) != in_force.next_signing_key.expose())
    return "secrets.next_signing_key";
  if (secrets["retired_signing_keys"].value_or(std::string()) != in_force.retired_signing_keys)
    return "secrets.retired_signing_keys";
  if (secrets["push_key"].value_or(std::string()) != in_force.push_key.expose()) return "secrets.push_key";
  if (secrets["previous_push_key"].value_or(std::string()) != in_force.previous_push_key.expose())
    return "secrets.previous_push_key";
  return std::nullopt;
}

Result<std::uint32_t, ConfigError> KeysFile::add_seal_key(Random& random) {
  Edit edit(path_, text_);
  if (auto parsed = edit.parse(); !parsed) return fail(parsed.error());
  std::uint32_t id = 0;
  auto next = with_seal_key(edit, id, random);
  if (!next) return fail(next.error());
  text_ = *std::move(next);
  return id;
}

Result<Done, ConfigError> KeysFile::use_seal_key(std::uint32_t id) {
  Edit edit(path_, text_);
  if (auto parsed = edit.parse(); !parsed) return parsed;
  const auto* current = edit.find("current_seal_key");
  if (current == nullptr) return fail(edit.by_hand());
  edit.change(lines_of(*current, fmt::format("current_seal_key = {}\n", id)));
  edit.secrets().insert_or_assign("current_seal_key", static_cast<std::int64_t>(id));
  auto next = edit.apply();
  if (!next) return fail(next.error());
  text_ = *std::move(next);
  return Done{};
}

Result<Done, ConfigError> KeysFile::drop_seal_key(std::uint32_t id) {
  Edit edit(path_, text_);
  if (auto parsed = edit.parse(); !parsed) return parsed;
  const std::string name = std::to_string(id);
  const auto* keys = edit.seal_keys();
  const auto* node = keys == nullptr ? nullptr : keys->get(name);
  if (node == nullptr) return fail(edit.by_hand());
  edit.change(lines_of(*node, ""));
  edit.secrets()["seal_keys"].as_table()->erase(name);
  auto next = edit.apply();
  if (!next) return fail(next.error());
  text_ = *std::move(next);
  return Done{};
}

Result<std::string, ConfigError> KeysFile::add_signing_key(Random& random) {
  Edit edit(path_, text_);
  if (auto parsed = edit.parse(); !parsed) return fail(parsed.error());
  const auto current = crypto::SigningKey::from_pkcs8_pem(edit.text_of("signing_key"));
  if (!current) return fail(edit.error("has no signing key; add the next one by hand"));
  if (edit.find("next_signing_key") != nullptr) {
    return fail(edit.error("has a next signing key already; `countersign keys promote --signing` lets it sign"));
  }
  const auto key = crypto::SigningKey::generate(current->algorithm(), random);
  auto next = with_next_signing_key(edit, key);
  if (!next) return fail(next.error());
  text_ = *std::move(next);
  return key.kid();
}

Result<Done, ConfigError> KeysFile::use_next_signing_key() {
  Edit edit(path_, text_);
  if (auto parsed = edit.parse(); !parsed) return parsed;
  const auto current = crypto::SigningKey::from_pkcs8_pem(edit.text_of("signing_key"));
  if (!current || edit.find("next_signing_key") == nullptr) {
    return fail(edit.error("has no next signing key; `countersign keys add --signing` adds one"));
  }
  auto next = with_next_in_force(edit, *current);
  if (!next) return fail(next.error());
  text_ = *std::move(next);
  return Done{};
}

Result<std::string, ConfigError> KeysFile::add_push_key(Random& random) {
  Edit edit(path_, text_);
  if (auto parsed = edit.parse(); !parsed) return fail(parsed.error());
  if (edit.find("previous_push_key") != nullptr)
    return fail(
        edit.error("has a previous push key still; `countersign keys retire --push` removes it, and ends the "
                   "subscriptions that were made with it"));
  const auto* signing = edit.find("signing_key");
  if (signing == nullptr) return fail(edit.by_hand());
  const auto key = crypto::SigningKey::generate(crypto::JwsAlgorithm::kEs256, random);
  const SecretString pem = key.to_pkcs8_pem();
  std::string lines = multi_line("push_key", pem.expose());
  if (const auto* current = edit.find("push_key")) {
    const std::string before = edit.text_of("push_key");
    lines += multi_line("previous_push_key", before);
    edit.change(lines_of(*current, std::move(lines)));
    edit.secrets().insert_or_assign("previous_push_key", before);
  } else {
    edit.change(behind(*signing, std::move(lines)));
  }
  edit.secrets().insert_or_assign("push_key", pem.expose());
  auto next = edit.apply();
  if (!next) return fail(next.error());
  text_ = *std::move(next);
  return key.kid();
}

Result<Done, ConfigError> KeysFile::drop_previous_push_key() {
  Edit edit(path_, text_);
  if (auto parsed = edit.parse(); !parsed) return parsed;
  const auto* previous = edit.find("previous_push_key");
  if (previous == nullptr) return fail(edit.error("has no previous push key"));
  edit.change(lines_of(*previous, ""));
  edit.secrets().erase("previous_push_key");
  auto next = edit.apply();
  if (!next) return fail(next.error());
  text_ = *std::move(next);
  return Done{};
}

Result<Done, ConfigError> KeysFile::write() const {
  return replace_private_file(path_, text_.expose()).transform_error([&](const std::string& problem) {
    return ConfigError{fmt::format("{} {}.", path_.string(), problem)};
  });
}

}  // namespace countersign::main
