#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace countersign {

/// The enumerator with this name, for an enumeration that starts at 0; `names` are in the order of the enumerators.
template <class Enum, std::size_t N>
[[nodiscard]] constexpr std::optional<Enum> value_named(const std::array<std::string_view, N>& names,
                                                        std::string_view text) {
  const auto found = std::ranges::find(names, text);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

}  // namespace countersign
