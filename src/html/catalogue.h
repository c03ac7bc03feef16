#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/embedded_file.h"
#include "base/result.h"

namespace countersign::html {

/// A value for a `{name}` in a text.
using ParameterOf = std::function<std::string(std::string_view name)>;

/// The texts of one language. Immutable; thread-safe.
class Language {
 public:
  [[nodiscard]] const std::string& tag() const { return tag_; }  ///< `pt-BR`
  [[nodiscard]] bool has(std::string_view key) const { return texts_.contains(key); }

  /// The text with its parameters replaced; the parameter `n` selects the plural form. Not escaped. An unknown key is a
  /// bug and throws std::logic_error.
  [[nodiscard]] std::string text(std::string_view key, const ParameterOf& parameter) const;
  [[nodiscard]] std::string text(std::string_view key, const std::map<std::string, std::string>& parameters = {}) const;

 private:
  friend class Catalogue;
  struct Forms {
    std::string one;  ///< Empty: the text has no plural forms.
    std::string other;
  };
  std::string tag_;
  std::map<std::string, Forms, std::less<>> texts_;
};

/// All languages: JSON files named by their tag, each one object of keys and texts; `{"one", "other"}` for plural
/// forms. Keys, parameters and forms must be the same in all languages, or load() reports the difference.
class Catalogue {
 public:
  [[nodiscard]] static Result<Catalogue, std::string> load(std::span<const EmbeddedFile> files);

  [[nodiscard]] const std::vector<Language>& languages() const { return languages_; }
  /// The language of that tag, or of its primary subtag (`pt` and `pt-PT` give `pt-BR`).
  [[nodiscard]] const Language* find(std::string_view tag) const;
  /// The best match for an Accept-Language header (RFC 9110 section 12.5.4); null if none matches.
  [[nodiscard]] const Language* negotiate(std::string_view accept_language) const;
  [[nodiscard]] std::vector<std::string> keys() const;

 private:
  std::vector<Language> languages_;
};

/// The texts embedded in the program (locales/), parsed at the first call. An error in them is a bug and ends the
/// process; a test checks them.
[[nodiscard]] const Catalogue& built_in_catalogue();

/// The names in `{…}`.
[[nodiscard]] std::set<std::string> parameters_of(std::string_view text);

}  // namespace countersign::html
