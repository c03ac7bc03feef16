#include "demo/steps/step.h"

#include "base/json.h"
#include "base/text.h"
#include "demo/brazil/typed.h"

namespace countersign::demo {

std::string_view field(const Fields& fields, std::string_view name) {
  const auto found = fields.find(name);
  return found == fields.end() ? std::string_view() : std::string_view(found->second);
}

std::string fields_to_json(const Fields& fields) {
  json::object object;
  for (const auto& [name, value] : fields) object[name] = value;
  return canonical_json(object);
}

Fields fields_from_json(std::string_view text) {
  Fields fields;
  const auto value = parse_json(text);
  if (!value || !value->is_object()) return fields;
  for (const auto& [name, typed] : value->get_object()) {
    if (typed.is_string()) fields[std::string(name)] = std::string(typed.get_string());
  }
  return fields;
}

std::string plain(std::string_view text, std::size_t characters_max) {
  if (!is_utf8(text)) return {};
  std::string out;
  std::size_t characters = 0;
  while (!text.empty() && characters < characters_max) {
    const std::string_view from = text;
    if (hides_or_turns(take_code_point(text))) continue;
    out += from.substr(0, from.size() - text.size());
    ++characters;
  }
  return trimmed(out);
}

std::string Faults::name(const Fields& fields, std::string_view field_name, std::size_t characters_max,
                         std::string_view empty, std::map<std::string, std::string> with) {
  const auto typed = field(fields, field_name);
  const std::string text = plain(typed, characters_max + 1);
  if (text.empty()) {
    add(field_name, empty, std::move(with));
  } else if (utf8_length(text) > characters_max) {
    add(field_name, "fault.too_long", {{"max", std::to_string(characters_max)}});
  }
  return text;
}

}  // namespace countersign::demo
