#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "domain/method.h"
#include "domain/standing/counted.h"

namespace countersign::domain {

/// What must be proven before a release. Comes from the configuration by name, or written out in the hold.
struct Policy {
  MethodSet any_of;                 ///< Methods that count. Never empty.
  int min_kinds = 1;                ///< Proofs of that many different kinds (Kind), 1 to 3.
  bool user_verification = false;   ///< Passkeys must verify the person, not only a touch.
  bool totp_alone = true;           ///< False: a TOTP code needs company, because it cannot carry what is approved.
  bool email_alone = false;         ///< False: an e-mail code needs company. [OTP-9]
  bool trust_on_first_use = false;  ///< The link founds a factor, where nothing was ever given or proved. [STD-1]
  MethodSet enrol;  ///< What the person may add on the page; it does not count for what was held before.
  Duration wait{};  ///< Lengthens what a new source waits for, never shortens it. [STD-3]

  friend bool operator==(const Policy&, const Policy&) = default;
};

/// Why a policy makes no sense, or nothing. Checked when configured and when given in a hold.
[[nodiscard]] std::optional<std::string_view> policy_fault(const Policy& policy);

/// The first method that the policy names and that this version does not have, or nothing.
[[nodiscard]] std::optional<Method> unavailable_method(const Policy& policy);

/// Whether the policy can be met where only the methods of `offered` are to be had.
[[nodiscard]] bool can_be_met(const Policy& policy, MethodSet offered);

/// Evidence that was accepted for one transaction.
struct Proof {
  Method method;
  Id source;  ///< Of the address (one line, whatever the channel) or of the factor.
  WallTime proven_at;
  std::optional<ContactId> contact{};  ///< By which contact of that address; nothing for a factor.
  standing::HowCounted how{};

  friend bool operator==(const Proof&, const Proof&) = default;
};

}  // namespace countersign::domain
