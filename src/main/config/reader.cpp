#include "main/config/reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "main/config/units.h"

namespace countersign::main {

void Reader::fail(std::string sentence) {
  if (!error_) error_ = ConfigError{std::move(sentence)};
}

Section::Section(Reader& reader) : reader_(&reader) {
  for (const auto& layer : reader.layers()) parts_.push_back({&layer, &layer.table});
}

Section::Section(Reader& reader, std::vector<Part> parts, std::string name)
    : reader_(&reader), parts_(std::move(parts)), name_(std::move(name)) {}

bool Section::has(std::string_view key) {
  known_.emplace_back(key);
  return std::ranges::any_of(parts_, [&](const Part& part) { return part.table->contains(key); });
}

bool Section::is_named_apart(std::string_view dotted_key) const {
  const std::string key(dotted_key);
  return std::ranges::any_of(reader_->layers(), [&](const Layer& layer) { return layer.key_names.contains(key); });
}

bool Section::may_be_secret(std::string_view key) const {
  const auto part = std::ranges::find_if(parts_, [&](const Part& p) { return p.table->contains(key); });
  return part != parts_.end() && part->layer->may_hold_secrets;
}

bool Section::is_list(std::string_view key) {
  const auto found = find(key);
  return found && found->node->is_array();
}

bool Section::is_table(std::string_view key) {
  const auto found = find(key);
  return found && found->node->is_table();
}

std::optional<Section::Found> Section::find(std::string_view key) {
  known_.emplace_back(key);
  for (const auto& part : parts_) {
    if (const auto* node = part.table->get(key)) return Found{part.layer, node};
  }
  return std::nullopt;
}

std::string Section::full_name(std::string_view key) const {
  return name_.empty() ? std::string(key) : fmt::format("{}.{}", name_, key);
}

std::string Section::place_of(const Found& found, const std::string& name) const {
  if (const auto named = found.layer->key_names.find(name); named != found.layer->key_names.end()) {
    return named->second;
  }
  const auto line = found.node->source().begin.line;
  return line == 0 ? found.layer->name : fmt::format("{}:{}", found.layer->name, line);
}

void Section::fail(const Found& found, std::string_view key, std::string_view problem) {
  report(found, full_name(key), problem);
}

void Section::report(const Found& found, const std::string& name, std::string_view problem) {
  reader_->fail(fmt::format("{}: {} {}{}", place_of(found, name), name, problem, problem.ends_with('?') ? "" : "."));
}

void Section::fail(std::string_view key, std::string_view problem) {
  if (const auto found = find(key)) {
    fail(*found, key, problem);
  } else if (parts_.empty() || name_.empty()) {
    reader_->fail(fmt::format("{}: {} {}.", reader_->layers().back().name, full_name(key), problem));
  } else {
    report({parts_.back().layer, parts_.back().table}, full_name(key), problem);
  }
}

void Section::fail_here(std::string_view problem) {
  report({parts_.back().layer, parts_.back().table}, name_, problem);
}

std::string Section::must_be(std::string_view form, std::string_view value) {
  return fmt::format("must be {}, but is \"{}\"", form, value);
}

std::optional<std::string> Section::read_text(std::string_view key) {
  const auto found = find(key);
  if (!found) return std::nullopt;
  auto value = found->node->value_exact<std::string>();
  if (!value) fail(*found, key, "must be a text in quotes");
  return value;
}

void Section::text(std::string_view key, std::string& out) {
  if (auto value = read_text(key)) out = std::move(*value);
}

void Section::secret(std::string_view key, SecretString& out) {
  const auto found = find(key);
  if (!found) return;
  // In every layer that has it: it is readable there even if overridden.
  for (const auto& part : parts_) {
    const toml::node* node = part.layer->may_hold_secrets ? nullptr : part.table->get(key);
    if (node == nullptr) continue;
    fail({part.layer, node}, key,
         "is a secret; move it to countersign.secrets.toml, to an environment variable or to a systemd credential");
    return;
  }
  if (auto value = found->node->value_exact<std::string>()) {
    out = SecretString(std::move(*value));
  } else {
    fail(*found, key, "must be a text in quotes");
  }
}

void Section::flag(std::string_view key, bool& out) {
  const auto found = find(key);
  if (!found) return;
  if (const auto value = found->node->value_exact<bool>()) {
    out = *value;
  } else {
    fail(*found, key, "must be true or false");
  }
}

void Section::integer(std::string_view key, int& out, int min, int max) {
  const auto found = find(key);
  if (!found) return;
  const auto value = found->node->value_exact<std::int64_t>();
  if (!value) {
    fail(*found, key, fmt::format("must be a whole number from {} to {}", min, max));
  } else if (*value < min || *value > max) {
    fail(*found, key, fmt::format("must be from {} to {}, but is {}", min, max, *value));
  } else {
    out = static_cast<int>(*value);
  }
}

void Section::ratio(std::string_view key, double& out) {
  const auto found = find(key);
  if (!found) return;
  const auto value = found->node->is_number() ? found->node->value<double>() : std::nullopt;
  if (!value || !(*value >= 0 && *value <= 1)) return fail(*found, key, "must be a number from 0 to 1");
  out = *value;
}

void Section::duration(std::string_view key, Duration& out, Duration min, Duration max) {
  Duration value = out;
  parsed(key, value, parse_duration, "a duration such as \"30s\", \"10m\" or \"24h\"");
  if (value < min || value > max) {
    fail(key, fmt::format("must be from {} to {}, but is {}", to_text(min), to_text(max), to_text(value)));
  } else {
    out = value;
  }
}

void Section::durations(std::string_view key, std::vector<Duration>& out) {
  parsed_list(key, out, parse_duration, "a list of durations such as [\"30s\", \"60s\"]");
}

void Section::rate(std::string_view key, domain::Rate& out) {
  parsed(key, out, parse_rate, "a rate such as \"5 per 10m\"");
}

void Section::path(std::string_view key, std::filesystem::path& out) {
  const auto value = read_text(key);
  if (!value) return;
  if (value->empty()) return fail(key, "must be a path, but is empty");
  out = (find(key)->layer->base_dir / *value).lexically_normal();
}

void Section::texts(std::string_view key, std::vector<std::string>& out) {
  const auto found = find(key);
  if (!found) return;
  std::vector<std::string> values;
  const auto* array = found->node->as_array();
  bool all_texts = array != nullptr;
  for (std::size_t i = 0; all_texts && i < array->size(); ++i) {
    const auto value = array->get(i)->value_exact<std::string>();
    all_texts = value.has_value();
    if (value) values.push_back(*value);
  }
  if (all_texts) {
    out = std::move(values);
  } else {
    fail(*found, key, "must be a list of texts such as [\"one\", \"two\"]");
  }
}

Section Section::section(std::string_view key) {
  known_.emplace_back(key);
  std::vector<Part> parts;
  for (const auto& part : parts_) {
    const auto* node = part.table->get(key);
    if (node == nullptr) continue;
    if (const auto* table = node->as_table()) {
      parts.push_back({part.layer, table});
    } else {
      fail({part.layer, node}, key, fmt::format("must be a table: [{}]", full_name(key)));
    }
  }
  return {*reader_, std::move(parts), full_name(key)};
}

std::vector<std::pair<std::string, Section>> Section::named_sections(std::string_view key) {
  auto inner = section(key);
  std::vector<std::pair<std::string, Section>> result;
  for (const auto& name : inner.names()) result.emplace_back(name, inner.section(name));
  return result;
}

std::vector<Section> Section::sections(std::string_view key) {
  std::vector<Section> result;
  const auto found = find(key);
  if (!found) return result;
  const auto* array = found->node->as_array();
  if (array == nullptr || !array->is_array_of_tables()) {
    fail(*found, key, fmt::format("must be tables with double brackets: [[{}]]", full_name(key)));
    return result;
  }
  for (const auto& node : *array) {
    result.push_back(Section(*reader_, {{found->layer, node.as_table()}}, full_name(key)));
  }
  return result;
}

std::vector<std::string> Section::names() {
  std::vector<std::string> result;
  for (const auto& part : parts_) {
    for (const auto& [key, node] : *part.table) result.emplace_back(key.str());
  }
  std::ranges::sort(result);
  const auto repeated = std::ranges::unique(result);
  result.erase(repeated.begin(), repeated.end());
  known_.insert(known_.end(), result.begin(), result.end());
  return result;
}

void Section::finish() {
  for (const auto& part : parts_) {
    for (const auto& [key, node] : *part.table) {
      if (std::ranges::find(known_, key.str()) != known_.end()) continue;
      const auto meant = nearest(key.str(), known_);
      fail({part.layer, &node}, key.str(),
           meant ? fmt::format("is not a known key; did you mean {}?", *meant) : "is not a known key; remove it");
    }
  }
}

}  // namespace countersign::main
