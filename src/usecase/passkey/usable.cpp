#include "usecase/passkey/usable.h"

#include <utility>

#include "usecase/passkey/answer.h"
#include "usecase/passkey/enrol.h"
#include "usecase/subject/decide_on_page.h"

namespace countersign::usecase {

std::vector<PasskeyFor> passkeys_for(store::Tx& tx, const Context& context, const store::TransactionRow& row,
                                     const domain::standing::History& history, const PasskeySettings& settings,
                                     WallTime now) {
  const auto& held = row.state;
  std::vector<PasskeyFor> found;
  for (auto& factor : store::factors_of(tx, held.account, held.subject)) {
    if (factor.state.status != domain::FactorStatus::kActive) continue;
    auto record = passkey_record_of(context.vault, factor);
    if (!record || record->rp_id != settings.party.id || is_of_fallen_model(settings, *record, now)) continue;
    if (held.policy.device_bound && record->backup_eligible) continue;
    const Id source = factor.state.id.id;
    const auto counts = counts_for(history, source, held, now);
    using enum domain::standing::WhyNot;
    if (!counts.any() && counts.why_not == kUnknown) continue;
    if (held.purpose != domain::Purpose::kRelease && !may_answer(context, row, history, source, now)) continue;
    found.push_back({std::move(factor), *std::move(record), counts});
  }
  return found;
}

webauthn::UserVerification verification_to_ask(const PasskeySettings& settings, bool one_has_verified) {
  using enum webauthn::UserVerification;
  const bool unlearned = settings.user_verification == kDiscouraged && !one_has_verified;
  return unlearned ? kPreferred : settings.user_verification;
}

}  // namespace countersign::usecase
