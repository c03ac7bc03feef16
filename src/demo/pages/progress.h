#pragma once

#include <string_view>

#include "base/result.h"
#include "demo/confirmations.h"
#include "demo/visit.h"

namespace countersign::demo {

/// Everything that this visitor is about to confirm, or the path of the first step that something is missing in.
[[nodiscard]] Result<Review, std::string_view> load_review(const Visit& visit);

/// Where to go on: that step, or the review.
[[nodiscard]] std::string_view next_step(const Visit& visit);

}  // namespace countersign::demo
