#include "delivery/gateway/pointer.h"

#include "base/number.h"

namespace countersign::delivery {

namespace {

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

}  // namespace

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
