#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/id.h"
#include "domain/method.h"

namespace countersign::domain {

/// What must be proven before a release. Comes from the configuration by name, or written out in the hold.
struct Policy {
  MethodSet any_of;                 ///< Methods that count. Never empty.
  int min_kinds = 1;                ///< Proofs of that many different kinds (Kind), 1 to 3.
  bool user_verification = false;   ///< Passkeys must verify the person, not only a touch.
  bool totp_alone = true;           ///< False: a TOTP code needs company, because it cannot carry what is approved.
  bool email_alone = false;         ///< False: an e-mail code needs company. [OTP-9]
  bool trust_on_first_use = false;  ///< A factor enrolled after the hold counts, if the subject had none at all.
  MethodSet enrol;  ///< What may be enrolled while a transaction waits; such a factor does not count for it.
  Duration
      contact_quiet_period{};  ///< A contact that replaced another one this recently does not stand alone. [PSTN-4]

  friend bool operator==(const Policy&, const Policy&) = default;
};

/// Why a policy makes no sense, or nothing. Checked when configured and when given in a hold.
[[nodiscard]] std::optional<std::string_view> policy_fault(const Policy& policy);

/// Evidence that was accepted for one transaction.
struct Proof {
  Method method;
  Id source;  ///< The contact or factor that it came from.
  WallTime proven_at;
  /// The source was there before the transaction was, and is no recent replacement of another. Else the proof may
  /// support, and never carries a decision. Decided when the proof is made, and kept.
  bool established = true;

  friend bool operator==(const Proof&, const Proof&) = default;
};

/// What of a policy is met and what is open.
struct Standing {
  bool met = false;
  int kinds_proven = 0;
  int kinds_needed = 1;
  bool needs_established = false;  ///< All proofs come from sources added in the middle.
  bool needs_company = false;      ///< Only proofs that may not stand alone.
};

/// Pure. Proofs by methods that the policy does not name count for nothing; several of one kind count once.
/// Met when enough kinds are proven, and among the established proofs there is one that may stand alone, or two kinds.
[[nodiscard]] Standing evaluate(const Policy& policy, std::span<const Proof> proofs);

/// Whether a source that is known since `known_since` counts as established for a transaction created at `held_at`.
/// `subject_had_factor`: at some time since the hold the subject had a confirmed factor other than this source.
[[nodiscard]] bool is_established(const Policy& policy, WallTime held_at, WallTime known_since, bool replaced_another,
                                  bool is_factor, bool subject_had_factor);

}  // namespace countersign::domain
