#pragma once

#include <map>
#include <string>
#include <string_view>

namespace countersign::delivery {

/// What the messages of each language are sent with, by locale (BCP 47): a template's language, a template's id, a
/// voice.
using ByLocale = std::map<std::string, std::string, std::less<>>;

/// `pt` of `pt-BR`.
[[nodiscard]] inline std::string_view language_of(std::string_view locale) {
  return locale.substr(0, locale.find('-'));
}

/// The entry of `locale`; without one that of another region of its language, else that of English, as for the text of
/// every message; else the first. Precondition: there is one.
[[nodiscard]] const std::string& best_for(const ByLocale& entries, std::string_view locale);

}  // namespace countersign::delivery
