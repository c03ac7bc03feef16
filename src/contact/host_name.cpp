#include "contact/host_name.h"

#include <algorithm>

#include "base/ascii.h"

namespace countersign::contact {

namespace {

constexpr std::size_t kLabelMax = 63;  // RFC 1035, section 2.3.4
constexpr std::size_t kHostMax = 253;

bool is_label(std::string_view label) {
  return label.size() <= kLabelMax && label.front() != '-' && label.back() != '-' &&
         std::ranges::all_of(label, [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

}  // namespace

bool is_host_name(std::string_view text) {
  const auto last_dot = text.rfind('.');
  return text.size() <= kHostMax && last_dot != std::string_view::npos && all_parts_between_dots(text, is_label) &&
         !std::ranges::all_of(text.substr(last_dot + 1), is_digit);
}

}  // namespace countersign::contact
