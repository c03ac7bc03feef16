#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace countersign::demo {

/// A CEP as `01310-100`; also from `01310100`, `01310 100` or `01.310-100`. It has no check digit; 00000-000 is not
/// assigned.
[[nodiscard]] std::optional<std::string> parse_postal_code(std::string_view typed);

}  // namespace countersign::demo
