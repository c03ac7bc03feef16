#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/id.h"
#include "domain/limits.h"
#include "domain/method.h"

namespace countersign::domain {

/// unconfirmed → active → suspended ⇄ active → removed. Only an active factor proves anything. [TOTP-5, BND-5]
enum class FactorStatus : std::uint8_t { kUnconfirmed, kActive, kSuspended, kRemoved };

[[nodiscard]] std::string_view to_text(FactorStatus status);
[[nodiscard]] std::optional<FactorStatus> parse_factor_status(std::string_view text);

/// An authenticator of a subject. The secret is not here: it is opened only where a code is computed.
struct Factor {
  FactorId id;
  AccountId account;
  SubjectId subject;
  Method type = Method::kTotp;
  FactorStatus status = FactorStatus::kUnconfirmed;
  std::optional<std::int64_t> last_step;  ///< TOTP: the last accepted time step; it and older are spent. [TOTP-4]
  std::int64_t drift_steps = 0;           ///< TOTP: where this device's clock was seen last. [TOTP-3]
  Failures failures;
  WallTime created_at;
  std::optional<WallTime> confirmed_at;
  WallTime confirm_by;  ///< An unconfirmed secret is void from here on.
};

enum class FactorOutcome : std::uint8_t { kAccepted, kWrongCode, kLocked, kUnusable };

struct FactorChecked {
  FactorOutcome outcome;
  Factor next;                           ///< To be stored when accepted or wrong.
  std::optional<WallTime> locked_until;  ///< With kLocked, and with the wrong code that brought the lock about.
};

/// Nothing if the factor's code may be evaluated now; otherwise the answer. After a hundred failures in a row a factor
/// sleeps (`failures.disabled`): it is evaluated only where it is `accompanied` by a proof of another kind in the same
/// transaction, one guess in kSleepAfterGuess, until one is right. The application's word (woken) wakes it too.
/// [STD-20]
[[nodiscard]] std::optional<FactorChecked> why_not_checkable(const Factor& factor, FactorStatus wanted, WallTime now,
                                                             bool accompanied = false);
/// With its failures forgotten.
[[nodiscard]] Factor woken(Factor factor);

/// The bookkeeping after a TOTP evaluation; `step` is the matched step, nothing for a wrong or replayed code.
[[nodiscard]] FactorChecked record_totp(const Factor& factor, std::optional<std::int64_t> step,
                                        std::int64_t current_step, const FailureRules& rules, WallTime now);

/// Turns an unconfirmed factor active.
[[nodiscard]] Factor confirmed(Factor factor, WallTime now);

}  // namespace countersign::domain
