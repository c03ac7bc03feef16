#include "usecase/verification/check_totp.h"

#include "usecase/audit_log.h"
#include "usecase/tally.h"
#include "usecase/verification/allowance.h"
#include "usecase/verification/guessing.h"

namespace countersign::usecase {

Answer<store::FactorRow> judge_totp(const Work& work, store::FactorRow factor, domain::FactorStatus wanted,
                                    const SecretString& code, std::int64_t skew, bool accompanied) {
  if (const auto refused = domain::why_not_checkable(factor.state, wanted, work.moment.now, accompanied))
    return fail(not_checkable(*refused, work.moment.now));
  const auto digits = crypto::typed_code(code.expose(), static_cast<std::size_t>(factor.totp.digits));
  if (!digits) return refuse_field("code", "must be the digits of the code");
  const auto& limits = work.context.settings.account(work.caller.account).limits;
  // Guesses with test credentials are for a test service, and do not use up the account's limit.
  if (!work.caller.test_only) {
    if (const auto counted = count_check(work, limits, Guesser::kKnown); !counted) return fail(counted.error());
  }

  const SecretString secret = store::open_secret(work.context.vault, factor);
  const auto match = crypto::totp_check(secret.expose(), *digits, work.moment.now, factor.totp,
                                        {skew, skew, factor.state.drift_steps}, factor.state.last_step);
  auto checked = domain::record_totp(factor.state, match.step, crypto::totp_step(work.moment.now, factor.totp),
                                     limits.failures, work.moment.now);
  count_factor_lock(work, factor.state.failures, checked.next.failures, "app");
  factor.state = checked.next;
  store::save_factor(work.tx, factor);
  if (checked.outcome == domain::FactorOutcome::kAccepted) return factor;
  record(work, match.replayed ? "factor.code_replayed" : "factor.code_wrong", factor.state.subject,
         Facts().text("factor", factor.state.id.text()).number("failures", factor.state.failures.consecutive));
  return fail(wrong_factor_code());
}

Problem wrong_factor_code() { return {Code::kWrongCode, "the code is not correct or has expired"}; }

Problem not_checkable(const domain::FactorChecked& refused, WallTime now) {
  if (refused.outcome == domain::FactorOutcome::kLocked) return locked_until(*refused.locked_until, now);
  return {Code::kFactorUnusable,
          "the factor is not usable: unconfirmed too long, suspended, removed, or asleep after too many failures"};
}

void count_factor_lock(const Work& work, const domain::Failures& before, const domain::Failures& after,
                       std::string_view what) {
  if (!domain::is_locked(after, work.moment.now) && (!after.disabled || before.disabled)) return;
  count(work.tx, work.context, work.caller.account, {},
        [what](Tally& tally, const Tally::Place& place) { tally.on_lock(place.account, what); });
}

}  // namespace countersign::usecase
