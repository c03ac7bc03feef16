#pragma once

#include "domain/standing/history.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// How long a person is asked for more after somebody told of trouble with her, from the first telling on. Windows are
/// kept no longer (store::Retention::counters).
inline constexpr Duration kAlertHolds = std::chrono::hours(48);

/// Somebody told of trouble with that person: until it is over, her transactions ask for another kind where she has
/// one.
void alert(const Work& work, const SubjectId& subject);

/// Whether one is on. A statement, but none in accounts that nobody tells of people.
[[nodiscard]] bool is_alerted(const Work& work, const SubjectId& subject);

}  // namespace countersign::usecase
