#include "html/catalogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "base/ascii.h"
#include "base/json.h"

namespace countersign::html {

namespace {

/// Calls `on_text` with each text between parameters, and `on_name` with each parameter.
template <class OnText, class OnName>
void take_apart(std::string_view text, OnText on_text, OnName on_name) {
  while (!text.empty()) {
    const auto open = text.find('{');
    const auto close = open == std::string_view::npos ? open : text.find('}', open);
    on_text(text.substr(0, close == std::string_view::npos ? close : open));
    if (close == std::string_view::npos) return;
    on_name(text.substr(open + 1, close - open - 1));
    text.remove_prefix(close + 1);
  }
}

/// The q of one part of an Accept-Language header; default 1.
double weight_of(std::string_view parameters) {
  const auto at = parameters.find("q=");
  if (at == std::string_view::npos) return 1;
  double weight = 0;
  const auto number = trim_blanks(parameters.substr(at + 2));
  const auto result = std::from_chars(number.data(), number.data() + number.size(), weight);
  return result.ec == std::errc() ? weight : 0;
}

/// What must be equal in every language: parameters, and whether there are plural forms.
std::string shape_of(std::string_view one, std::string_view other) {
  auto names = parameters_of(other);
  if (!one.empty()) names.insert("n");  // "Falta 1" may omit the number.
  return fmt::format("{} {}", one.empty() ? "text" : "forms", fmt::join(names, ","));
}

}  // namespace

std::set<std::string> parameters_of(std::string_view text) {
  std::set<std::string> names;
  take_apart(text, [](std::string_view) {}, [&](std::string_view name) { names.emplace(name); });
  return names;
}

std::string Language::text(std::string_view key, const ParameterOf& parameter) const {
  const auto found = texts_.find(key);
  if (found == texts_.end()) throw std::logic_error(fmt::format("no text {} in {}", key, tag_));
  const Forms& forms = found->second;
  const bool singular = !forms.one.empty() && parameter("n") == "1";
  std::string out;
  take_apart(
      singular ? forms.one : forms.other, [&](std::string_view text) { out += text; },
      [&](std::string_view name) { out += parameter(name); });
  return out;
}

std::string Language::text(std::string_view key, const std::map<std::string, std::string>& parameters) const {
  return text(key, [&](std::string_view name) {
    const auto found = parameters.find(std::string(name));
    if (found == parameters.end()) throw std::logic_error(fmt::format("no {} for the text {}", name, key));
    return found->second;
  });
}

Result<Catalogue, std::string> Catalogue::load(std::span<const EmbeddedFile> files) {
  Catalogue catalogue;
  for (const auto& file : files) {
    Language language;
    language.tag_ = file.name.substr(0, file.name.rfind(".json"));
    const auto json = parse_json(file.bytes);
    if (!json || !json->is_object()) return fail(fmt::format("{} is no JSON object", file.name));
    for (const auto& entry : json->get_object()) {
      Language::Forms forms;
      if (const auto* text = entry.value().if_string()) {
        forms.other = std::string_view(*text);
      } else if (const auto* object = entry.value().if_object()) {
        forms.one = json_text(*object, "one").value_or("");
        forms.other = json_text(*object, "other").value_or("");
        if (forms.one.empty() || object->size() != 2)
          return fail(fmt::format("{}: {} must have one and other", file.name, std::string_view(entry.key())));
      }
      if (forms.other.empty()) return fail(fmt::format("{}: {} is empty", file.name, std::string_view(entry.key())));
      language.texts_.emplace(std::string(entry.key()), std::move(forms));
    }
    catalogue.languages_.push_back(std::move(language));
  }
  if (catalogue.languages_.empty()) return fail(std::string("there are no languages"));

  const Language& first = catalogue.languages_.front();
  for (const auto& other : catalogue.languages_) {
    for (const auto& [key, forms] : other.texts_) {
      const auto counterpart = first.texts_.find(key);
      if (counterpart == first.texts_.end())
        return fail(fmt::format("{} has {}, {} does not", other.tag_, key, first.tag_));
      if (shape_of(forms.one, forms.other) != shape_of(counterpart->second.one, counterpart->second.other))
        return fail(fmt::format("{}: {} has other parameters or forms than in {}", other.tag_, key, first.tag_));
    }
    for (const auto& [key, forms] : first.texts_) {
      if (!other.texts_.contains(key)) return fail(fmt::format("{} has {}, {} does not", first.tag_, key, other.tag_));
    }
  }
  return catalogue;
}

const Language* Catalogue::find(std::string_view tag) const {
  for (const auto& language : languages_) {
    if (equals_ignoring_case(language.tag_, tag)) return &language;
  }
  const auto primary = [](std::string_view text) { return text.substr(0, text.find('-')); };
  for (const auto& language : languages_) {
    if (!tag.empty() && equals_ignoring_case(primary(language.tag_), primary(tag))) return &language;
  }
  return nullptr;
}

const Language* Catalogue::negotiate(std::string_view accept_language) const {
  const Language* best = nullptr;
  double best_weight = 0;
  while (!accept_language.empty()) {
    const auto comma = accept_language.find(',');
    const auto part = accept_language.substr(0, comma);
    const auto semicolon = part.find(';');
    const double weight = semicolon == std::string_view::npos ? 1 : weight_of(part.substr(semicolon + 1));
    const Language* language = find(trim_blanks(part.substr(0, semicolon)));
    if (language != nullptr && weight > best_weight) {
      best = language;
      best_weight = weight;
    }
    if (comma == std::string_view::npos) break;
    accept_language.remove_prefix(comma + 1);
  }
  return best;
}

std::vector<std::string> Catalogue::keys() const {
  std::vector<std::string> keys;
  for (const auto& [key, forms] : languages_.front().texts_) keys.push_back(key);
  return keys;
}

}  // namespace countersign::html
