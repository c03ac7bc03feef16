#pragma once

#include <optional>
#include <string_view>

#include "usecase/verify_api/refusal.h"

namespace countersign::usecase::verify_api {

/// Numbers for which a test service simulates refusals. They are of a range that is never assigned, and have no effect
/// in other services. Nothing for a number that is not refused.
[[nodiscard]] std::optional<Refusal> test_refusal(std::string_view to);

}  // namespace countersign::usecase::verify_api
