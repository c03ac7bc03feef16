#pragma once

#include <string_view>

namespace countersign::contact {

/// A host name in lower-case ASCII: at least two labels of letters, digits and inner hyphens, each at most 63 long, 253
/// in total, the last not all digits. No final dot.
[[nodiscard]] bool is_host_name(std::string_view text);

/// Whether all parts between the dots of `text` are non-empty and satisfy `is_good`.
template <class Test>
[[nodiscard]] bool all_parts_between_dots(std::string_view text, Test is_good) {
  for (;;) {
    const auto dot = text.find('.');
    const auto part = text.substr(0, dot);
    if (part.empty() || !is_good(part)) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

}  // namespace countersign::contact
