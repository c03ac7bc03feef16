#pragma once

#include <string>
#include <string_view>

#include "domain/standing/history.h"

namespace countersign::store {

// Text format of a subject's history at one service, in `standings.content`: readable for people in the database, and
// parsed without JSON, because every check does it. history_codec.cpp has the grammar.

[[nodiscard]] std::string encode_history(const domain::standing::History& history);
/// Without `subject` and `service`, which are columns of the row. StoreFailure for anything that encode_history does
/// not write.
[[nodiscard]] domain::standing::History decode_history(std::string_view text);

}  // namespace countersign::store
