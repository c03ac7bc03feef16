#include "http/request.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "base/names.h"
#include "http/characters.h"
#include "http/form.h"

namespace countersign::http {
namespace {

constexpr std::array<std::string_view, 7> kMethods{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};

}  // namespace

std::string_view method_name(Method method) {
  return method == Method::kOther ? "OTHER" : kMethods[static_cast<std::size_t>(method)];
}

Method parse_method(std::string_view text) { return value_named<Method>(kMethods, text).value_or(Method::kOther); }

std::string_view Request::name_of(const HeaderSpan& span) const {
  return std::string_view(head_).substr(span.name_at, span.name_size);
}

std::string_view Request::value_of(const HeaderSpan& span) const {
  return std::string_view(head_).substr(span.value_at, span.value_size);
}

std::optional<std::string_view> Request::header(std::string_view lower_case_name) const {
  for (const auto& span : headers_) {
    if (name_of(span) == lower_case_name) return value_of(span);
  }
  return std::nullopt;
}

std::size_t Request::header_count(std::string_view lower_case_name) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(headers_, [&](const auto& span) { return name_of(span) == lower_case_name; }));
}

std::vector<std::string_view> Request::header_values(std::string_view lower_case_name) const {
  std::vector<std::string_view> values;
  for (const auto& span : headers_) {
    if (name_of(span) == lower_case_name) values.push_back(value_of(span));
  }
  return values;
}

std::optional<std::string> Request::query_value(std::string_view name) const {
  const auto form = parse_form(query);
  if (!form) return std::nullopt;
  const auto value = form->value(name);
  return value ? std::optional<std::string>(*value) : std::nullopt;
}

void Request::add_header(std::string_view name, std::string_view value) {
  const auto at = static_cast<std::uint32_t>(head_.size());
  headers_.push_back({at, static_cast<std::uint32_t>(name.size()), at + static_cast<std::uint32_t>(name.size()),
                      static_cast<std::uint32_t>(value.size())});
  std::ranges::transform(name, std::back_inserter(head_), to_lower);
  head_ += value;
}

void Request::adopt_head(std::string head, std::vector<HeaderSpan> headers) {
  head_ = std::move(head);
  headers_ = std::move(headers);
}

}  // namespace countersign::http
