#include "api/twilio/params.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/number.h"
#include "base/text.h"
#include "base/typed.h"

namespace countersign::api::twilio {

std::optional<std::string> Params::text(std::string_view name, std::size_t max, std::size_t min) {
  const auto value = form_.value(name);
  if (!value) return std::nullopt;
  const auto length = utf8_length(*value);
  if (length > max || length < min) refuse(name);
  return std::string(*value);
}

std::optional<std::string> Params::code(std::string_view name, std::size_t max, std::size_t min) {
  const auto value = form_.value(name);
  if (!value) return std::nullopt;
  std::string code = plain_typed(*value);
  if (code != *value) std::erase_if(code, [](char c) { return c == ' ' || c == '-'; });
  const auto length = utf8_length(code);
  if (length > max || length < min) refuse(name);
  return code;
}

std::string Params::required(std::string_view name, std::size_t max, std::size_t min) {
  auto value = text(name, max, min);
  if (!value) refuse(name);
  return value.value_or("");
}

std::optional<std::string> Params::one_of(std::string_view name, std::initializer_list<std::string_view> words) {
  const auto value = form_.value(name);
  if (!value) return std::nullopt;
  if (std::find(words.begin(), words.end(), *value) == words.end()) refuse(name);
  return std::string(*value);
}

std::optional<std::int64_t> Params::integer(std::string_view name, std::int64_t min, std::int64_t max) {
  const auto value = form_.value(name);
  if (!value || value->empty()) return std::nullopt;
  const auto number = parse_number<std::int64_t>(*value);
  if (!number || *number < min || *number > max) refuse(name);
  return number.value_or(0);
}

std::optional<bool> Params::boolean(std::string_view name) {
  const auto value = form_.value(name);
  if (!value || value->empty()) return std::nullopt;
  // Python sends them capitalised.
  if (equals_ignoring_case(*value, "true")) return true;
  if (!equals_ignoring_case(*value, "false")) refuse(name);
  return false;
}

std::optional<json::object> Params::object(std::string_view name, std::size_t bytes_max) {
  const auto value = form_.value(name);
  if (!value || value->empty()) return std::nullopt;
  auto parsed = parse_json(*value);
  if (value->size() > bytes_max || !parsed || !parsed->is_object()) {
    refuse(name);
    return std::nullopt;
  }
  return std::move(parsed->get_object());
}

std::optional<WallTime> Params::time(std::string_view name) {
  const auto value = form_.value(name);
  if (!value || value->empty()) return std::nullopt;
  auto time = from_rfc3339(*value);
  if (!time) time = from_rfc3339(std::string(*value) + "Z");  // Java sends no time zone.
  if (!time) refuse(name);
  return time;
}

std::vector<std::string> Params::list(std::string_view name) const {
  std::vector<std::string> all;
  for (const auto value : form_.values(name)) all.emplace_back(value);
  return all;
}

void Params::refuse(std::string_view name) {
  if (!refusal_) refusal_ = Refusal{fault_, std::string(name)};
}

bool has_only_texts(const json::object& object) {
  return std::all_of(object.begin(), object.end(), [](const auto& member) { return member.value().is_string(); });
}

}  // namespace countersign::api::twilio
