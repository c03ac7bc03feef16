#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/id.h"
#include "domain/limits.h"
#include "domain/method.h"

namespace countersign::domain {

/// unconfirmed → active → suspended ⇄ active → removed. Only an active factor can prove anything. [TOTP-5, BND-5]
enum class FactorStatus : std::uint8_t { kUnconfirmed, kActive, kSuspended, kRemoved };

[[nodiscard]] std::string_view to_text(FactorStatus status);
[[nodiscard]] std::optional<FactorStatus> parse_factor_status(std::string_view text);

/// An authenticator of a subject, without its secret, which is opened only where a code is computed. Only the functions
/// below change `status`, the steps, `failures`, `confirmed_at` and `removed_at`.
struct Factor {
  FactorId id;
  AccountId account;
  SubjectId subject;
  Method type = Method::kTotp;
  FactorStatus status = FactorStatus::kUnconfirmed;
  std::optional<std::int64_t> last_step;  ///< TOTP: the last accepted time step; it and older are spent. [TOTP-4]
  std::int64_t drift_steps = 0;           ///< TOTP: last observed drift of this device's clock. [TOTP-3]
  Failures failures;
  WallTime created_at;
  std::optional<WallTime> confirmed_at;
  WallTime confirm_by;  ///< An unconfirmed secret is void from this time on.
  std::optional<WallTime> removed_at{};
};

enum class FactorOutcome : std::uint8_t { kAccepted, kWrongCode, kLocked, kUnusable };

struct FactorChecked {
  FactorOutcome outcome;
  Factor next;                           ///< To be stored when accepted or wrong.
  std::optional<WallTime> locked_until;  ///< With kLocked, and with the wrong code that caused the lock.
};

/// nullopt if the factor's code may be evaluated now; otherwise the result. After a hundred consecutive failures a
/// factor is disabled (`failures.disabled`): its code is evaluated only if `accompanied` by a proof of another kind in
/// the same transaction, one guess per kSleepAfterGuess, until one is right. woken(), at the application's request,
/// enables it too. [STD-20]
[[nodiscard]] std::optional<FactorChecked> why_not_checkable(const Factor& factor, FactorStatus wanted, WallTime now,
                                                             bool accompanied = false);
/// Clears the failures. From any status, which stays the same.
[[nodiscard]] Factor woken(Factor factor);

/// Updates the counters after a TOTP evaluation that why_not_checkable() allowed; `step` is the matched step, nullopt
/// for a wrong or replayed code. Does not change the status.
[[nodiscard]] FactorChecked record_totp(const Factor& factor, std::optional<std::int64_t> step,
                                        std::int64_t current_step, const FailureRules& rules, WallTime now);

/// The same for a code that has no steps: a recovery code. `right`: it is an unused one.
[[nodiscard]] FactorChecked record_code(const Factor& factor, bool right, const FailureRules& rules, WallTime now);

/// From unconfirmed to active; nullopt from every other status. why_not_checkable() checks `confirm_by`.
[[nodiscard]] std::optional<Factor> confirmed(Factor factor, WallTime now);

/// To removed, from every other status; nullopt if it is removed already. [BND-5]
[[nodiscard]] std::optional<Factor> removed(Factor factor, WallTime now);

}  // namespace countersign::domain
