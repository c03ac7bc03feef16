#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "store/repository/transactions.h"

namespace countersign::store {

// The column `risk` of a transaction (risk_codec.cpp has the grammar).

/// nullopt where there is nothing to note.
[[nodiscard]] std::optional<std::string> encode_risk(const std::optional<domain::Review>& review,
                                                     const NotedRisk& risk);
/// StoreFailure for anything that encode_risk does not write. Features that this program does not know are skipped: a
/// later one wrote them.
void decode_risk(std::string_view text, std::optional<domain::Review>& review, NotedRisk& risk);

}  // namespace countersign::store
