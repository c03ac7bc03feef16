#pragma once

#include "store/repository/risk_decisions.h"
#include "usecase/problem.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// Decisions of the caller's account, the newest first. What the last seconds brought may be missing.
[[nodiscard]] store::DecisionPage list_decisions(const Work& work, const store::DecisionFilter& filter);

}  // namespace countersign::usecase
