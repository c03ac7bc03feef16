#pragma once

#include <string_view>

#include "base/result.h"
#include "demo/confirmations.h"
#include "demo/visit.h"

namespace countersign::demo {

/// The data to confirm, or the path of the first incomplete step.
[[nodiscard]] Result<Review, std::string_view> load_review(const Visit& visit);

/// The path to continue at: that step, or the review.
[[nodiscard]] std::string_view next_step(const Visit& visit);

}  // namespace countersign::demo
