#pragma once

#include <toml++/toml.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/nearest.h"
#include "base/secret.h"
#include "base/time.h"
#include "main/config/config.h"

namespace countersign::main {

/// One source of settings: a file, the environment, the command line.
struct Layer {
  std::string name;                              ///< As shown: `countersign.toml`.
  std::map<std::string, std::string> key_names;  ///< For keys with other names here: `listen` → `--listen`.
  bool may_hold_secrets = false;
  std::filesystem::path base_dir;  ///< Base of its relative paths.
  toml::table table;
};

/// The layers, highest first, and the first error found in them. Reading continues after an error, so that readers need
/// no branches; the result must then be discarded.
class Reader {
 public:
  explicit Reader(std::vector<Layer> layers) : layers_(std::move(layers)) {}

  [[nodiscard]] const std::vector<Layer>& layers() const { return layers_; }
  [[nodiscard]] const std::optional<ConfigError>& error() const { return error_; }
  void fail(std::string sentence);

 private:
  std::vector<Layer> layers_;
  std::optional<ConfigError> error_;
};

/// One table of the configuration, merged from all layers. A key that was not read is unknown: finish() refuses it and
/// proposes the nearest one. Each reading function leaves its target unchanged if the key is absent or invalid.
class Section {
 public:
  /// The whole configuration.
  explicit Section(Reader& reader);

  [[nodiscard]] bool has(std::string_view key);
  /// Whether `key` is there, and is a list or a table.
  [[nodiscard]] bool is_list(std::string_view key);
  [[nodiscard]] bool is_table(std::string_view key);
  /// Whether the full name `dotted_key` was set by a variable, a credential or a flag.
  [[nodiscard]] bool is_named_apart(std::string_view dotted_key) const;
  /// Whether the layer that sets `key` may hold secrets.
  [[nodiscard]] bool may_be_secret(std::string_view key) const;

  void text(std::string_view key, std::string& out);
  void secret(std::string_view key, SecretString& out);
  void flag(std::string_view key, bool& out);
  void integer(std::string_view key, int& out, int min, int max);
  void ratio(std::string_view key, double& out);  ///< From 0 to 1.
  void duration(std::string_view key, Duration& out, Duration min, Duration max);
  void durations(std::string_view key, std::vector<Duration>& out);
  void rate(std::string_view key, domain::Rate& out);
  void path(std::string_view key, std::filesystem::path& out);
  void texts(std::string_view key, std::vector<std::string>& out);

  /// Text that `parse` converts to a value; `form` names what is expected: "an address and port such as
  /// 127.0.0.1:8080".
  template <class T, class Parse>
  void parsed(std::string_view key, T& out, Parse parse, std::string_view form) {
    const auto value = read_text(key);
    if (!value) return;
    if (auto result = parse(*value)) {
      out = std::move(*result);
    } else {
      fail(key, must_be(form, *value));
    }
  }
  template <class T, class Parse>
  void parsed_list(std::string_view key, std::vector<T>& out, Parse parse, std::string_view form) {
    if (!has(key)) return;
    std::vector<std::string> values;
    texts(key, values);
    out.clear();
    for (const auto& value : values) {
      if (auto result = parse(value)) {
        out.push_back(std::move(*result));
      } else {
        fail(key, must_be(form, value));
      }
    }
  }

  [[nodiscard]] Section section(std::string_view key);
  /// The tables inside the table `key`, by name.
  [[nodiscard]] std::vector<std::pair<std::string, Section>> named_sections(std::string_view key);
  /// The `[[key]]` tables, from the highest layer that has any.
  [[nodiscard]] std::vector<Section> sections(std::string_view key);
  /// All keys of this table, in alphabetical order. They count as known.
  [[nodiscard]] std::vector<std::string> names();

  /// "FILE:LINE: KEY PROBLEM". `problem` continues after the key: "must be …; do …".
  void fail(std::string_view key, std::string_view problem);
  /// The same for the table itself.
  void fail_here(std::string_view problem);
  /// Call when everything has been read.
  void finish();

 private:
  struct Part {
    const Layer* layer;
    const toml::table* table;
  };
  struct Found {
    const Layer* layer;
    const toml::node* node;
  };

  Section(Reader& reader, std::vector<Part> parts, std::string name);
  std::optional<Found> find(std::string_view key);
  std::optional<std::string> read_text(std::string_view key);
  [[nodiscard]] std::string full_name(std::string_view key) const;
  [[nodiscard]] std::string place_of(const Found& found, const std::string& name) const;
  void fail(const Found& found, std::string_view key, std::string_view problem);
  void report(const Found& found, const std::string& name, std::string_view problem);
  [[nodiscard]] static std::string must_be(std::string_view form, std::string_view value);

  Reader* reader_;
  std::vector<Part> parts_;
  std::string name_;  ///< Dotted; empty for the root.
  std::vector<std::string> known_;
};

}  // namespace countersign::main
