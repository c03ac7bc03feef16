#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace countersign::domain {

/// The most decimals that any currency has.
inline constexpr std::size_t kDecimalsMax = 4;

/// The decimals of a currency (ISO 4217, "minor units"): usually 2, 0 for JPY or CLP, 3 for KWD. nullopt for codes
/// without minor units (XAU, XDR) and codes that are not in the list; their amounts are shown as written.
[[nodiscard]] std::optional<std::size_t> decimals_of(std::string_view currency);

}  // namespace countersign::domain
