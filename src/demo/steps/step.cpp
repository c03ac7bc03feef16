#include "demo/steps/step.h"

#include "base/encoding.h"
#include "base/json.h"
#include "demo/brazil/typed.h"

namespace countersign::demo {

namespace {

/// Reads the code point at `at` of well-formed UTF-8 and moves past it.
char32_t next_code_point(std::string_view text, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  char32_t code = length == 1 ? lead : lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) code = code << 6 | (static_cast<unsigned char>(text[at + i]) & 0x3F);
  at += length;
  return code;
}

bool hides_or_turns(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x061C || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) ||
         (c >= 0xE0000 && c <= 0xE007F);
}

}  // namespace

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
  for (std::size_t at = 0; at < text.size() && characters < characters_max;) {
    const auto start = at;
    if (hides_or_turns(next_code_point(text, at))) continue;
    out += text.substr(start, at - start);
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
