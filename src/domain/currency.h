#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace countersign::domain {

/// The most decimals that any currency has.
inline constexpr std::size_t kDecimalsMax = 4;

/// How many decimals a currency has (ISO 4217, "minor units"): 2 as a rule, none for JPY or CLP, 3 for KWD. Nothing for
/// codes without minor units (XAU, XDR) and codes that are no currency of the list, whose amounts stand as they are
/// written.
[[nodiscard]] std::optional<std::size_t> decimals_of(std::string_view currency);

}  // namespace countersign::domain
