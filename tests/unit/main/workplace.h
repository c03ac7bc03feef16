#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "main/config/config.h"

namespace countersign::main {

/// A directory of its own for one test, removed with it, and the sources of a configuration that live in it.
class Workplace {
 public:
  Workplace();
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;
  ~Workplace();

  [[nodiscard]] const std::filesystem::path& dir() const { return dir_; }
  std::filesystem::path write(std::string_view name, std::string_view text, int mode = 0600) const;
  [[nodiscard]] std::string read(std::string_view name) const;

  /// A good secrets file, `countersign.secrets.toml`.
  void write_secrets() const;
  /// countersign.toml with this text.
  [[nodiscard]] ConfigSources production(std::string_view config_text) const;
  /// `--dev` with the data directory here.
  [[nodiscard]] ConfigSources development() const;

 private:
  std::filesystem::path dir_;
};

/// A production configuration that loads, given write_secrets(). Tests replace or append lines.
extern const std::string_view kGoodConfig;

/// The text with the first `from`, which must be there, exchanged.
[[nodiscard]] std::string replaced(std::string text, std::string_view from, std::string_view to);

/// The sentence that loading ends with; empty when it succeeds.
[[nodiscard]] std::string sentence_of(const ConfigSources& sources);

}  // namespace countersign::main
