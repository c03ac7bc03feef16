#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "domain/policy.h"
#include "domain/standing/counts.h"

namespace countersign::domain::standing {

/// A proof of a transaction with what its source counts as at this moment.
struct JudgedProof {
  Method method;
  Id source;
  Counts counts;
};

/// What a transaction still misses, the first of these that applies. The names are public: `nothing`; `proof`: nothing
/// that the policy names is proved; `source_that_counts`: only sources that do not count yet; `another_kind`: fewer
/// kinds than asked for; `stronger_method`: only what may not stand alone.
enum class Missing : std::uint8_t { kNothing, kProof, kSourceThatCounts, kAnotherKind, kStrongerMethod };
[[nodiscard]] std::string_view to_text(Missing missing);

struct Judgement {
  Missing missing = Missing::kProof;
  int kinds_proven = 0;  ///< Of how many kinds the proofs are at least: a repeat is whichever makes fewer. [STD-4]
  int kinds_needed = 1;
  /// Where something is missing: the earliest hold for which a source that was used would count as more than now.
  std::optional<WallTime> counts_from;

  [[nodiscard]] bool met() const { return missing == Missing::kNothing; }
  friend bool operator==(const Judgement&, const Judgement&) = default;
};

/// [STD-1, STD-4, STD-10] Pure. A repeat meets a clause only where both its own method and that of what added it would.
/// Met when enough kinds are proven and a proof may stand alone, or two kinds without recovery codes are there.
/// `proofs` may hold some of sources that do not count: they meet nothing and say `counts_from`.
[[nodiscard]] Judgement judge(const Policy& policy, std::span<const JudgedProof> proofs);

/// The proofs of a transaction with what they count as. Asked anew at each proof and at the claim. [STD-1]
[[nodiscard]] std::vector<JudgedProof> judged(const History& history, std::span<const Proof> proofs, WallTime held_at,
                                              WallTime now, const Terms& terms);

}  // namespace countersign::domain::standing
