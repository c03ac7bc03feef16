#include "usecase/verification/check_factor.h"

#include <algorithm>

#include "usecase/subject/standing.h"
#include "usecase/tally.h"
#include "usecase/transaction/held.h"
#include "usecase/verification/check_recovery.h"
#include "usecase/verification/check_totp.h"
#include "usecase/verification/prove.h"

namespace countersign::usecase {

namespace {

using domain::Method;

/// The factor that the request names. One that does not exist is taken for an app's, so that the answer does not
/// differ.
struct Wanted {
  Method method = Method::kTotp;
  std::optional<FactorId> id;  ///< Of one factor; absent: whichever of that method counts.
  bool is_known = true;
};

Wanted wanted_in(std::string_view text, const std::vector<store::FactorRow>& factors) {
  for (const Method method : {Method::kTotp, Method::kRecoveryCode}) {
    if (text == domain::to_text(method)) return {method, std::nullopt};
  }
  const auto id = FactorId::parse(text);
  const auto named = std::ranges::find_if(factors, [&](const auto& factor) { return factor.state.id == id; });
  const bool is_known = id && named != factors.end() &&
                        (named->state.type == Method::kTotp || named->state.type == Method::kRecoveryCode);
  return is_known ? Wanted{named->state.type, id} : Wanted{Method::kTotp, id, false};
}

/// The active factors that are wanted and count: those that count on their own before those that count as a repeat,
/// each newest first. Whoever took over the line can add an app, and that must not hide the person's. [STD-9] A factor
/// that is not bound at this service is ignored. Never empty.
Answer<std::vector<store::FactorRow>> counting(const std::vector<store::FactorRow>& factors, const Wanted& wanted,
                                               const domain::standing::History& history,
                                               const domain::Transaction& held, WallTime now) {
  std::optional<domain::standing::Counts> best;
  std::vector<store::FactorRow> found;
  std::vector<store::FactorRow> repeats;
  for (const store::FactorRow& factor : factors) {
    if (factor.state.type != wanted.method || factor.state.status != domain::FactorStatus::kActive) continue;
    if (!wanted.is_known || (wanted.id && factor.state.id != *wanted.id)) continue;
    const auto counts = counts_for(history, factor.state.id.id, held, now);
    if (counts.any())
      (counts.own() ? found : repeats).push_back(factor);
    else if (counts.why_not != domain::standing::WhyNot::kUnknown)
      best = best ? domain::standing::better(*best, counts) : counts;
  }
  found.insert(found.end(), repeats.begin(), repeats.end());
  if (!found.empty()) return found;
  return fail(best ? does_not_count(*best) : wrong_factor_code());
}

}  // namespace

Answer<Approved> check_factor(const Work& work, store::TransactionRow held, std::string_view text,
                              const SecretString& code) {
  const auto factors = store::factors_of(work.tx, work.caller.account, held.state.subject);
  const Wanted wanted = wanted_in(text, factors);
  const bool is_app = wanted.method == Method::kTotp;
  if (!held.state.policy.takes(wanted.method)) {
    return refuse(Code::kMethodNotAllowed, is_app
                                               ? "the policy of this transaction does not accept an authenticator app"
                                               : "the policy of this transaction does not accept recovery codes");
  }
  auto history = take_history(work.tx, work.context, held);
  auto found = counting(factors, wanted, history, held.state, work.moment.now);
  if (!found) return fail(found.error());

  resolve_old_proofs(work.tx, held.state);
  const bool accompanied = std::ranges::any_of(held.state.proofs, [&](const domain::Proof& proof) {
    return domain::kind_of(proof.method) != domain::kind_of(wanted.method) &&
           counts_for(history, proof.source, held.state, work.moment.now).own();
  });
  const auto judged =
      is_app ? judge_totp(work, std::move(found->front()), domain::FactorStatus::kActive, code, 1, accompanied)
             : judge_recovery_code(work, *std::move(found), code, history, accompanied);
  if (!judged) return fail(judged.error());
  const ServiceId service = held.state.service;
  auto approved = prove(work, held, {wanted.method, judged->state.id.id, work.moment.now}, std::move(history));
  if (approved) {
    count(work.tx, work.context, work.caller.account, service,
          [method = wanted.method](Tally& tally, const Tally::Place& place) {
            tally.on_approved(place, domain::to_text(method), "none");
          });
  }
  return approved;
}

}  // namespace countersign::usecase
