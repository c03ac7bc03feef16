#include "usecase/check_totp.h"

#include <algorithm>

#include "usecase/allowance.h"
#include "usecase/established.h"
#include "usecase/gate.h"
#include "usecase/journal.h"
#include "usecase/prove.h"

namespace countersign::usecase {

namespace {

Failure<Problem> wrong_code() { return refuse(Code::kWrongCode, "the code is not correct or has expired"); }

bool is_active_totp(const store::FactorRow& factor) {
  return factor.state.type == domain::Method::kTotp && factor.state.status == domain::FactorStatus::kActive;
}

std::optional<store::FactorRow> choose(const std::vector<store::FactorRow>& factors, std::string_view wanted) {
  const auto id = FactorId::parse(wanted);
  const auto found = std::find_if(factors.begin(), factors.end(), [&](const store::FactorRow& f) {
    return is_active_totp(f) && (id ? f.state.id == *id : wanted == "totp");
  });
  return found == factors.end() ? std::nullopt : std::optional(*found);
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
  if (const auto counted = count_check(tx, context.vault, caller, limits, Guesser::kKnown, moment.now); !counted)
    return fail(counted.error());

  const SecretString secret = store::open_secret(context.vault, factor);
  const auto match = crypto::totp_check(secret.expose(), *digits, moment.now, factor.totp,
                                        {skew, skew, factor.state.drift_steps}, factor.state.last_step);
  auto checked = domain::record_totp(factor.state, match.step, crypto::totp_step(moment.now, factor.totp),
                                     limits.failures, moment.now);
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
  auto factor = choose(factors, wanted);
  if (!factor) return wrong_code();
  const FactorId id = factor->state.id;

  const bool accompanied = std::ranges::any_of(held.state.proofs, [](const domain::Proof& proof) {
    return proof.established && domain::kind_of(proof.method) != domain::kind_of(domain::Method::kTotp);
  });
  const auto judged =
      judge_totp(tx, context, caller, *std::move(factor), domain::FactorStatus::kActive, code, moment, 1, accompanied);
  if (!judged) return fail(judged.error());
  const bool established = is_established(held.state, *judged, factors);
  return prove(tx, context, caller, std::move(held), {domain::Method::kTotp, id.id, moment.now, established}, moment);
}

}  // namespace countersign::usecase
