#include "usecase/check_totp.h"

#include <algorithm>

#include "usecase/allowance.h"
#include "usecase/gate.h"
#include "usecase/journal.h"
#include "usecase/prove.h"
#include "usecase/standing.h"
#include "usecase/tally.h"

namespace countersign::usecase {

namespace {

Failure<Problem> wrong_code() { return refuse(Code::kWrongCode, "the code is not correct or has expired"); }

bool is_active_totp(const store::FactorRow& factor) {
  return factor.state.type == domain::Method::kTotp && factor.state.status == domain::FactorStatus::kActive;
}

/// The one that was asked for, or the newest that counts as its own, or else as a repeat: who holds her line adds an
/// app by it, and that must not hide hers. [STD-9] One that is not bound at this service is not there.
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

Answer<store::FactorRow> judge_totp(store::Tx& tx, const Context& context, const Caller& caller,
                                    store::FactorRow factor, domain::FactorStatus wanted, const SecretString& code,
                                    Moment& moment, std::int64_t skew, bool accompanied) {
  if (const auto refused = domain::why_not_checkable(factor.state, wanted, moment.now, accompanied)) {
    if (refused->outcome == domain::FactorOutcome::kLocked)
      return fail(locked_until(*refused->locked_until, moment.now));
    return refuse(
        Code::kFactorUnusable,
        "the factor is not usable: unconfirmed too long, suspended, removed, or asleep after too many failures");
  }
  const auto digits = crypto::typed_code(code.expose(), static_cast<std::size_t>(factor.totp.digits));
  if (!digits) return refuse_field("code", "must be the digits of the code");
  const auto& limits = context.settings.account(caller.account).limits;
  // What is guessed with test credentials is of a test service, and uses up nothing of the account's.
  if (!caller.test_only) {
    if (const auto counted = count_check(tx, context, caller, limits, Guesser::kKnown, moment.now); !counted)
      return fail(counted.error());
  }

  const SecretString secret = store::open_secret(context.vault, factor);
  const auto match = crypto::totp_check(secret.expose(), *digits, moment.now, factor.totp,
                                        {skew, skew, factor.state.drift_steps}, factor.state.last_step);
  auto checked = domain::record_totp(factor.state, match.step, crypto::totp_step(moment.now, factor.totp),
                                     limits.failures, moment.now);
  const auto& before = factor.state.failures;
  if (domain::is_locked(checked.next.failures, moment.now) || (checked.next.failures.disabled && !before.disabled)) {
    count(tx, context, caller.account, {},
          [](Tally& tally, const Tally::Place& place) { tally.on_lock(place.account, "app"); });
  }
  factor.state = checked.next;
  store::save_factor(tx, factor);
  if (checked.outcome == domain::FactorOutcome::kAccepted) return factor;
  record(tx, context, caller, match.replayed ? "factor.code_replayed" : "factor.code_wrong", factor.state.subject,
         Facts().text("factor", factor.state.id.text()).number("failures", factor.state.failures.consecutive), moment);
  return wrong_code();
}

Answer<Approved> check_totp(store::Tx& tx, const Context& context, const Caller& caller, store::TransactionRow held,
                            std::string_view wanted, const SecretString& code, Moment& moment) {
  if (!held.state.policy.any_of.contains(domain::Method::kTotp)) {
    return refuse(Code::kMethodNotAllowed, "the policy of this transaction does not accept an authenticator app");
  }
  const auto factors = store::factors_of(tx, caller.account, held.state.subject);
  auto history = take_history(tx, context, held);
  auto factor = choose(factors, wanted, history, held.state, moment.now);
  if (!factor) return fail(factor.error());
  const FactorId id = factor->state.id;

  resolve_old_proofs(tx, held.state);
  const bool accompanied = std::ranges::any_of(held.state.proofs, [&](const domain::Proof& proof) {
    return domain::kind_of(proof.method) != domain::kind_of(domain::Method::kTotp) &&
           counts_for(history, proof.source, held.state, moment.now).own();
  });
  const auto judged =
      judge_totp(tx, context, caller, *std::move(factor), domain::FactorStatus::kActive, code, moment, 1, accompanied);
  if (!judged) return fail(judged.error());
  const ServiceId service = held.state.service;
  auto approved = prove(tx, context, caller, std::move(held), {domain::Method::kTotp, id.id, moment.now}, moment,
                        std::move(history));
  if (approved) {
    count(tx, context, caller.account, service, [](Tally& tally, const Tally::Place& place) {
      tally.on_approved(place, domain::to_text(domain::Method::kTotp), "none");
    });
  }
  return approved;
}

}  // namespace countersign::usecase
