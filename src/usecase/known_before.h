#pragma once

#include <optional>
#include <vector>

#include "domain/standing/history.h"

namespace countersign::usecase {

/// A contact from before sources had a history.
struct OldContact {
  Id address;
  domain::Kind kind = domain::Kind::kPhone;
  WallTime known_since;
  std::optional<WallTime> proved_at;
};

/// A factor from then, that was confirmed.
struct OldFactor {
  Id id;
  WallTime confirmed_at;
  std::optional<WallTime> removed_at;
};

/// What those rows say that the subject was known by. The upgrade is this one function: it needs no key and no clock,
/// answers the same each time, and is asked when there is no history yet. Rows of one address are one line or mailbox,
/// bound at the earliest time. Bound until the first proof, or within the time of founding after the first source: a
/// founding source. Bound later: its wait counts as begun then, by a notice that nobody sent, so that what is older
/// than the wait counts as its own. Removed factors are gone, and remembered.
[[nodiscard]] domain::standing::History known_before(const SubjectId& subject, const ServiceId& service,
                                                     const std::vector<OldContact>& contacts,
                                                     const std::vector<OldFactor>& factors,
                                                     const domain::standing::Rules& rules);

}  // namespace countersign::usecase
