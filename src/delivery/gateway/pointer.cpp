#include "delivery/gateway/pointer.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/number.h"

namespace countersign::delivery {

namespace {

/// Integers of that many digits are exact in every reader. [RFC 7493, 2.2]
constexpr std::size_t kExactDigits = 15;
constexpr std::size_t kXmlElementsMax = 16;
constexpr std::size_t kXmlTextMax = 256;

std::optional<std::string> unescaped(std::string_view segment) {
  std::string out;
  for (std::size_t i = 0; i < segment.size(); ++i) {
    if (segment[i] != '~') {
      out += segment[i];
      continue;
    }
    if (++i == segment.size() || (segment[i] != '0' && segment[i] != '1')) return std::nullopt;
    out += segment[i] == '0' ? '~' : '/';
  }
  return out;
}

/// The number that `text` begins with.
std::string_view number_of(std::string_view text) {
  return text.substr(0, std::min(text.find_first_not_of("0123456789+-.eE"), text.size()));
}

/// The string that `text` begins with, with its quotes; the rest where it does not end.
std::string_view string_of(std::string_view text) {
  std::size_t end = 1;
  while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2U : 1U;
  return text.substr(0, std::min(end + 1, text.size()));
}

bool is_long_integer(std::string_view number) {
  if (number.starts_with('-')) number.remove_prefix(1);
  return number.size() > kExactDigits && std::ranges::all_of(number, is_digit);
}

}  // namespace

std::optional<json::value> read_gateway_json(std::string_view text) {
  std::string quoted;
  quoted.reserve(text.size() + 2);
  while (!text.empty()) {
    const bool is_number = is_digit(text.front()) || text.front() == '-';
    const auto token = text.front() == '"' ? string_of(text) : is_number ? number_of(text) : text.substr(0, 1);
    const bool is_long = is_number && is_long_integer(token);
    if (is_long) quoted += '"';
    quoted += token;
    if (is_long) quoted += '"';
    text.remove_prefix(token.size());
  }
  auto parsed = parse_json(quoted);
  return parsed ? std::optional(*std::move(parsed)) : std::nullopt;
}

std::optional<Pointer> Pointer::parse(std::string_view text) {
  Pointer out;
  if (text.empty()) return out;
  if (text.front() != '/') return std::nullopt;
  while (!text.empty()) {
    text.remove_prefix(1);
    const auto end = std::min(text.find('/'), text.size());
    auto segment = unescaped(text.substr(0, end));
    if (!segment) return std::nullopt;
    out.segments_.push_back(*std::move(segment));
    text.remove_prefix(end);
  }
  return out;
}

std::vector<const json::value*> Pointer::values_in(const json::value& document) const {
  std::vector<const json::value*> found{&document};
  for (const auto& segment : segments_) {
    std::vector<const json::value*> next;
    for (const auto* value : found) {
      if (const auto* object = value->if_object()) {
        if (const auto* member = object->if_contains(segment)) next.push_back(member);
      } else if (const auto* array = value->if_array()) {
        const auto index = parse_number<std::size_t>(segment);
        if (segment == "*") {
          for (const auto& element : *array) next.push_back(&element);
        } else if (index && *index < array->size()) {
          next.push_back(&(*array)[*index]);
        }
      }
    }
    found = std::move(next);
  }
  return found;
}

std::vector<std::string> Pointer::texts_in(const json::value& document) const {
  std::vector<std::string> texts;
  for (const auto* value : values_in(document)) {
    if (auto text = scalar_text(*value)) texts.push_back(*std::move(text));
  }
  return texts;
}

std::vector<std::string> Pointer::texts_in_xml(std::string_view document) const {
  std::vector<std::string> texts;
  if (segments_.empty()) return texts;
  const std::string open = '<' + segments_.back() + '>';
  const std::string close = "</" + segments_.back() + '>';
  for (auto at = document.find(open); at != std::string_view::npos && texts.size() < kXmlElementsMax;
       at = document.find(open, at + 1)) {
    const auto begin = at + open.size();
    const auto end = document.find('<', begin);
    if (end == std::string_view::npos || end - begin > kXmlTextMax) continue;
    if (document.substr(end).starts_with(close)) texts.emplace_back(document.substr(begin, end - begin));
  }
  return texts;
}

std::optional<std::string> scalar_text(const json::value& value) {
  if (const auto* text = value.if_string()) return std::string(*text);
  if (value.is_number() || value.is_bool()) return canonical_json(value);
  return std::nullopt;
}

}  // namespace countersign::delivery
