#include "usecase/verification/check_recovery.h"

#include "crypto/recovery_code.h"
#include "domain/recovery.h"
#include "usecase/audit_log.h"
#include "usecase/risk/trust.h"
#include "usecase/subject/recovery.h"
#include "usecase/verification/allowance.h"
#include "usecase/verification/check_totp.h"

namespace countersign::usecase {

namespace {

/// Those whose codes may be judged now; if none, why not.
Answer<std::vector<store::FactorRow>> open_sets(std::vector<store::FactorRow> sets, WallTime now, bool accompanied) {
  std::optional<domain::FactorChecked> why;
  std::erase_if(sets, [&](const store::FactorRow& set) {
    auto refused = domain::why_not_checkable(set.state, domain::FactorStatus::kActive, now, accompanied);
    if (!refused) return false;
    if (!why || refused->outcome == domain::FactorOutcome::kLocked) why = *std::move(refused);
    return true;
  });
  if (sets.empty()) return fail(not_checkable(*why, now));
  return sets;
}

void note_wrong(const Work& work, store::FactorRow& set, const domain::FailureRules& rules) {
  const auto checked = domain::record_code(set.state, false, rules, work.moment.now);
  count_factor_lock(work, set.state.failures, checked.next.failures, "recovery_codes");
  set.state = checked.next;
  store::save_factor(work.tx, set);
  note_event(work, set.state.subject, risk::Profile::Event::kRecoveryFailure);
  record(work, "factor.code_wrong", set.state.subject,
         Facts().text("factor", set.state.id.text()).number("failures", set.state.failures.consecutive));
}

}  // namespace

Answer<store::FactorRow> judge_recovery_code(const Work& work, std::vector<store::FactorRow> sets,
                                             const SecretString& code, const domain::standing::History& history,
                                             bool accompanied) {
  auto open = open_sets(std::move(sets), work.moment.now, accompanied);
  if (!open) return fail(open.error());
  const auto typed = crypto::typed_recovery_code(code.expose());
  if (!typed) return refuse_field("code", "must be a recovery code, 15 letters and digits");
  const auto& limits = work.context.settings.account(work.caller.account).limits;
  if (const auto counted = count_check(work, limits, Guesser::kKnown); !counted) return fail(counted.error());

  work.tx.alone();  // A use is told to others.
  for (store::FactorRow& set : *open) {
    const domain::RecoverySet codes = recovery_set_of(work.context.vault, set);
    const auto at = domain::find_code(
        codes, [&](std::string_view salt) { return recovery_digest(work.context.vault, set.state, salt, *typed); });
    if (!at) continue;
    const domain::RecoverySet rest = domain::with_used(codes, *at);
    set.state = domain::record_code(set.state, true, limits.failures, work.moment.now).next;
    set.material_sealed = seal_recovery_set(work, set.state.id, rest);
    store::save_factor(work.tx, set);
    report_code_used(work, history, set, rest.left());
    return std::move(set);
  }
  for (store::FactorRow& set : *open) note_wrong(work, set, limits.failures);
  return fail(wrong_factor_code());
}

}  // namespace countersign::usecase
