#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "domain/policy.h"
#include "domain/standing/counts.h"

namespace countersign::domain::standing {

/// A proof of a transaction, and how its source counts now.
struct JudgedProof {
  Method method;
  Id source;
  Counts counts;
  PasskeyFacts passkey{};
  PushFacts push{};
};

/// What a transaction still misses: the first that applies. The names are public: `nothing`; `proof`: no method of the
/// policy is proved; `source_that_counts`: only sources that do not count yet; `another_kind`: fewer kinds than
/// required; `stronger_method`: only methods that are not enough alone.
enum class Missing : std::uint8_t { kNothing, kProof, kSourceThatCounts, kAnotherKind, kStrongerMethod };
[[nodiscard]] std::string_view to_text(Missing missing);

struct Judgement {
  Missing missing = Missing::kProof;
  int kinds_proven = 0;  ///< The minimum number of kinds proved: a repeat takes the kind that gives fewer. [STD-4]
  int kinds_needed = 1;
  /// If something is missing: the earliest hold for which a source that was used will count as more than now.
  std::optional<WallTime> counts_from;

  [[nodiscard]] bool met() const { return missing == Missing::kNothing; }
  friend bool operator==(const Judgement&, const Judgement&) = default;
};

/// [STD-1, STD-4, STD-10] Pure. A repeat satisfies a clause only if both its own method and that of the source that
/// added it do. A passkey's proof without what the policy asks of passkeys satisfies nothing. The policy is met when
/// enough kinds are proved and one proof is enough alone, or there are two kinds without recovery codes. A push whose
/// answer carried no number is never enough alone, nor is what a push added, as its repeat. [PUSH-8] `proofs` may
/// include sources that do not count: they satisfy nothing but set `counts_from`.
[[nodiscard]] Judgement judge(const Policy& policy, std::span<const JudgedProof> proofs);

/// A transaction's proofs, and how their sources count. Computed again at each proof and at the claim. [STD-1]
[[nodiscard]] std::vector<JudgedProof> judged(const History& history, std::span<const Proof> proofs, WallTime held_at,
                                              WallTime now, const Terms& terms);

}  // namespace countersign::domain::standing
