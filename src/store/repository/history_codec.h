#pragma once

#include <string>
#include <string_view>

#include "domain/standing/history.h"

namespace countersign::store {

// All that a subject was ever known by at one service, as it stands in `standings.content`: lines of words that a
// person can read in the database, and that are read back without a JSON parser, because every check does it. Times are
// microseconds, durations too; what is absent is not written.
//   1 first_proof=… closed=… until=…
//   id=<hex> source=<hex> kind=phone by=application at=… founding wait=since/wait/alone/until/told/hook …

[[nodiscard]] std::string encode_history(const domain::standing::History& history);
/// Without `subject` and `service`, which are the row's. StoreFailure for anything that encode_history does not write.
[[nodiscard]] domain::standing::History decode_history(std::string_view text);

}  // namespace countersign::store
