#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "domain/limits.h"

namespace countersign::main {

// The notation of durations and rates in the configuration.

/// A whole number and its unit: `250ms`, `30s`, `10m`, `24h`, `30d`. At most ten years; nothing if invalid.
[[nodiscard]] std::optional<Duration> parse_duration(std::string_view text);
/// In the largest unit that divides it.
[[nodiscard]] std::string to_text(Duration duration);

/// `5 per 10m`, `1000 per 24h`: both at least one.
[[nodiscard]] std::optional<domain::Rate> parse_rate(std::string_view text);
[[nodiscard]] std::string to_text(const domain::Rate& rate);

}  // namespace countersign::main
