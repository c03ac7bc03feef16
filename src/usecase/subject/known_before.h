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

/// A confirmed factor from before sources had a history.
struct OldFactor {
  Id id;
  WallTime confirmed_at;
  std::optional<WallTime> removed_at;
};

/// Derives the subject's sources from those rows. The upgrade is this one function: it needs no key and no clock,
/// returns the same each time, and runs when there is no history yet. Rows of one address are one line or mailbox,
/// bound at the earliest time. Bound before the first proof, or within the founding time after the first source: a
/// founding source. Bound later: its wait counts as started then, as if a notice had been sent, so a source older than
/// the wait counts on its own. Removed factors are gone, and remembered.
[[nodiscard]] domain::standing::History known_before(const SubjectId& subject, const ServiceId& service,
                                                     const std::vector<OldContact>& contacts,
                                                     const std::vector<OldFactor>& factors,
                                                     const domain::standing::Rules& rules);

}  // namespace countersign::usecase
