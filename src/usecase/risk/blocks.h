#pragma once

#include <optional>
#include <vector>

#include "store/repository/risk_counts.h"
#include "usecase/problem.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// Places of the caller's account that are closed to people unknown there, the newest first. What the last second
/// brought may be missing.
[[nodiscard]] std::vector<store::BlockRow> list_blocks(const Work& work, const std::optional<BlockId>& after,
                                                       int limit);

/// Opens the place: what was counted there counts no longer, and the next block begins with minutes. In force on all
/// nodes a second later. kMayNotAdminister without the scope, kNotFound for one that is not closed. Runs alone. [THR-3]
[[nodiscard]] Answer<Done> lift_block(const Work& work, const BlockId& id);

}  // namespace countersign::usecase
