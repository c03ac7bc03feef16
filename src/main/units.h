#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "domain/limits.h"

namespace countersign::app {

// How durations and rates are written in the configuration.

/// A whole number and its unit: `250ms`, `30s`, `10m`, `24h`, `30d`. At most ten years; nothing for anything else.
[[nodiscard]] std::optional<Duration> parse_duration(std::string_view text);
/// In the largest unit that divides it.
[[nodiscard]] std::string to_text(Duration duration);

/// `5 per 10m`, `1000 per 24h`: at least one, in some time.
[[nodiscard]] std::optional<domain::Rate> parse_rate(std::string_view text);
[[nodiscard]] std::string to_text(const domain::Rate& rate);

}  // namespace countersign::app
