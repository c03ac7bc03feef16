#pragma once

#include <optional>
#include <string_view>

#include "usecase/verify/refusal.h"

namespace countersign::usecase::verify {

/// Numbers by which a test service shows an application the refusals that it may meet one day. They are of a range that
/// is never given to anybody; other services know nothing of them. Nothing for a number that is served.
[[nodiscard]] std::optional<Refusal> test_refusal(std::string_view to);

}  // namespace countersign::usecase::verify
