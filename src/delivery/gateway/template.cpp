#include "delivery/gateway/template.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/encoding.h"
#include "base/number.h"
#include "delivery/http_client.h"

namespace countersign::delivery {

namespace {

constexpr std::array<std::string_view, 14> kNames{"to",          "digits",      "text",   "id",         "callback_url",
                                                  "ttl_seconds", "ttl_minutes", "ttl_ms", "expires_at", "sender",
                                                  "locale",      "country",     "user",   "secret"};
constexpr std::string_view kNumber = "{number:";

std::optional<Variable> variable_of(std::string_view name) {
  const auto* const found = std::ranges::find(kNames, name);
  return found == kNames.end() ? std::nullopt : std::optional(static_cast<Variable>(found - kNames.begin()));
}

bool is_word(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return is_lower(c) || c == '_'; });
}

/// The name in `"{number:NAME}"`; nullopt for any other text.
std::optional<Variable> number_in(std::string_view text) {
  if (!text.starts_with(kNumber) || !text.ends_with('}')) return std::nullopt;
  const auto variable = variable_of(text.substr(kNumber.size(), text.size() - kNumber.size() - 1));
  const bool is_number =
      variable == Variable::kTtlSeconds || variable == Variable::kTtlMinutes || variable == Variable::kTtlMs;
  return is_number ? variable : std::nullopt;
}

/// Calls `visit` with every text of the document, names of members not included.
template <class Value, class Visit>
void each_text(Value& value, Visit visit) {
  if (value.is_string()) return visit(value);
  if (value.is_array()) {
    for (auto& element : value.get_array()) each_text(element, visit);
  } else if (value.is_object()) {
    for (auto&& member : value.get_object()) each_text(member.value(), visit);
  }
}

}  // namespace

std::optional<TextTemplate> TextTemplate::parse(std::string_view text, std::string* unknown) {
  TextTemplate out;
  std::string literal;
  while (!text.empty()) {
    const auto end = text.front() == '{' ? text.find('}') : std::string_view::npos;
    const auto name = end == std::string_view::npos ? std::string_view() : text.substr(1, end - 1);
    if (!is_word(name)) {
      literal += text.front();
      text.remove_prefix(1);
      continue;
    }
    const auto variable = variable_of(name);
    if (!variable) {
      if (unknown != nullptr) *unknown = name;
      return std::nullopt;
    }
    out.parts_.emplace_back(std::exchange(literal, {}), variable);
    text.remove_prefix(end + 1);
  }
  if (!literal.empty()) out.parts_.emplace_back(std::move(literal), std::nullopt);
  return out;
}

std::string TextTemplate::filled(const Variables& variables) const {
  return filled(variables, [](const std::string& value) { return std::string_view(value); });
}

bool TextTemplate::has(Variable variable) const {
  return std::ranges::any_of(parts_, [&](const auto& part) { return part.second == variable; });
}

Result<BodyTemplate, std::string> parse_json_template(std::string_view text) {
  auto document = parse_json(text);
  if (!document) return fail("is no JSON");
  BodyTemplate out{BodyTemplate::Form::kJson, {}, *std::move(document)};
  std::string fault;
  each_text(std::as_const(out.document), [&](const json::value& value) {
    std::string unknown;
    const std::string_view content = value.get_string();
    if (content.starts_with(kNumber) && !number_in(content))
      fault = "has {number:…} with something else than ttl_seconds, ttl_minutes or ttl_ms";
    else if (!number_in(content) && !TextTemplate::parse(content, &unknown))
      fault = "names {" + unknown + "}, which is no variable";
  });
  if (!fault.empty()) return fail(std::move(fault));
  return out;
}

bool has_variable(const BodyTemplate& body, Variable variable) {
  bool has = std::ranges::any_of(body.fields, [&](const auto& field) { return field.second.has(variable); });
  each_text(body.document, [&](const json::value& value) {
    const std::string_view content = value.get_string();
    const auto text = TextTemplate::parse(content);
    has = has || number_in(content) == variable || (text && text->has(variable));
  });
  return has;
}

std::string filled_body(const BodyTemplate& body, const Variables& variables) {
  if (body.form == BodyTemplate::Form::kForm) {
    std::vector<std::pair<std::string, std::string>> pairs;
    for (const auto& [name, value] : body.fields) pairs.emplace_back(name, value.filled(variables));
    std::string out = form_encode(pairs);
    for (auto& [name, value] : pairs) wipe(value.data(), value.size());
    return out;
  }
  if (body.form == BodyTemplate::Form::kNone) return "";
  json::value document = body.document;
  each_text(document, [&](json::value& value) {
    const std::string_view content = value.get_string();
    if (const auto number = number_in(content)) {
      const auto found = variables.find(*number);
      value = found == variables.end() ? 0 : parse_number<std::int64_t>(found->second).value_or(0);
    } else if (const auto text = TextTemplate::parse(content)) {
      value = text->filled(variables);
    }
  });
  return canonical_json(document);
}

std::string filled_url(const TextTemplate& url, const std::vector<std::pair<std::string, TextTemplate>>& query,
                       const Variables& variables) {
  std::string out = url.filled(variables, [](const std::string& value) { return percent_encode(value); });
  for (const auto& [name, value] : query) {
    out += out.find('?') == std::string::npos ? '?' : '&';
    out += percent_encode(name) + '=' + percent_encode(value.filled(variables));
  }
  return out;
}

std::optional<std::string> filled_header(const TextTemplate& value, const Variables& variables) {
  std::string out = value.filled(variables);
  const bool clean =
      std::ranges::none_of(out, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  return clean ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace countersign::delivery
