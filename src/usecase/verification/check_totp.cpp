#include "usecase/verification/check_totp.h"
#include "usecase/verification/guessing.h"

#include <algorithm>

#include "usecase/audit_log.h"
#include "usecase/subject/standing.h"
#include "usecase/tally.h"
#include "usecase/transaction/held.h"
#include "usecase/verification/allowance.h"
#include "usecase/verification/prove.h"

namespace countersign::usecase {

namespace {

Failure<Problem> wrong_code() { return refuse(Code::kWrongCode, "the code is not correct or has expired"); }

bool is_active_totp(const store::FactorRow& factor) {
  return factor.state.type == domain::Method::kTotp && factor.state.status == domain::FactorStatus::kActive;
}

/// The requested factor, or the newest that counts on its own, or else one that counts as a repeat: whoever took
/// over the line can add an app, and that must not hide the person's. [STD-9] A factor that is not bound at this
/// service is ignored.
Answer<store::FactorRow> choose(const std::vector<store::FactorRow>& factors, std::string_view wanted,
                                const domain::standing::History& history, const domain::Transaction& held,
                                WallTime now) {
  const auto id = FactorId::parse(wanted);
  std::optional<domain::standing::Counts> best;
  const store::FactorRow* repeat = nullptr;
  for (const store::FactorRow& factor : factors) {
    if (!is_active_totp(factor) || !(id ? factor.state.id == *id : wanted == "totp")) continue;
    const auto counts = counts_for(history, factor.state.id.id, held, now);
    if (counts.own()) return factor;
    if (counts.any()) {
      if (repeat == nullptr) repeat = &factor;
      continue;
    }
    if (counts.why_not == domain::standing::WhyNot::kUnknown) continue;
    best = best ? domain::standing::better(*best, counts) : counts;
  }
  if (repeat != nullptr) return *repeat;
  if (best) return fail(does_not_count(*best));
  return wrong_code();
}

}  // namespace

Answer<store::FactorRow> judge_totp(const Work& work, store::FactorRow factor, domain::FactorStatus wanted,
                                    const SecretString& code, std::int64_t skew, bool accompanied) {
  if (const auto refused = domain::why_not_checkable(factor.state, wanted, work.moment.now, accompanied)) {
    if (refused->outcome == domain::FactorOutcome::kLocked)
      return fail(locked_until(*refused->locked_until, work.moment.now));
    return refuse(
        Code::kFactorUnusable,
        "the factor is not usable: unconfirmed too long, suspended, removed, or asleep after too many failures");
  }
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
  const auto& before = factor.state.failures;
  if (domain::is_locked(checked.next.failures, work.moment.now) ||
      (checked.next.failures.disabled && !before.disabled)) {
    count(work.tx, work.context, work.caller.account, {},
          [](Tally& tally, const Tally::Place& place) { tally.on_lock(place.account, "app"); });
  }
  factor.state = checked.next;
  store::save_factor(work.tx, factor);
  if (checked.outcome == domain::FactorOutcome::kAccepted) return factor;
  record(work, match.replayed ? "factor.code_replayed" : "factor.code_wrong", factor.state.subject,
         Facts().text("factor", factor.state.id.text()).number("failures", factor.state.failures.consecutive));
  return wrong_code();
}

Answer<Approved> check_totp(const Work& work, store::TransactionRow held, std::string_view wanted,
                            const SecretString& code) {
  if (!held.state.policy.any_of.contains(domain::Method::kTotp)) {
    return refuse(Code::kMethodNotAllowed, "the policy of this transaction does not accept an authenticator app");
  }
  const auto factors = store::factors_of(work.tx, work.caller.account, held.state.subject);
  auto history = take_history(work.tx, work.context, held);
  auto factor = choose(factors, wanted, history, held.state, work.moment.now);
  if (!factor) return fail(factor.error());
  const FactorId id = factor->state.id;

  resolve_old_proofs(work.tx, held.state);
  const bool accompanied = std::ranges::any_of(held.state.proofs, [&](const domain::Proof& proof) {
    return domain::kind_of(proof.method) != domain::kind_of(domain::Method::kTotp) &&
           counts_for(history, proof.source, held.state, work.moment.now).own();
  });
  const auto judged = judge_totp(work, *std::move(factor), domain::FactorStatus::kActive, code, 1, accompanied);
  if (!judged) return fail(judged.error());
  const ServiceId service = held.state.service;
  auto approved = prove(work, held, {domain::Method::kTotp, id.id, work.moment.now}, std::move(history));
  if (approved) {
    count(work.tx, work.context, work.caller.account, service, [](Tally& tally, const Tally::Place& place) {
      tally.on_approved(place, domain::to_text(domain::Method::kTotp), "none");
    });
  }
  return approved;
}

}  // namespace countersign::usecase
