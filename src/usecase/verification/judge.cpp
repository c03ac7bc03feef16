#include "usecase/verification/judge.h"

#include "usecase/audit_log.h"
#include "usecase/verification/allowance.h"
#include "usecase/verification/code_terms.h"
#include "usecase/verification/guessing.h"
#include "usecase/verification/prove.h"
#include "usecase/verification/upstream.h"

namespace countersign::usecase {

Failure<Problem> wrong_code(int attempts_left) {
  return fail(Problem{Code::kWrongCode, "the code is not correct or has expired", "", std::nullopt, attempts_left});
}

Failure<Problem> no_attempts_left() {
  return refuse(Code::kAttemptsExhausted, "too many wrong codes; start a new verification");
}

std::optional<Problem> closed_fault(const domain::Verification& v, WallTime now) {
  switch (domain::status_at(v, now)) {
    case domain::VerificationStatus::kPending:
      return std::nullopt;
    case domain::VerificationStatus::kExhausted:
      return Problem{Code::kAttemptsExhausted, "too many wrong codes; start a new verification"};
    case domain::VerificationStatus::kApproved:
    case domain::VerificationStatus::kCanceled:
    case domain::VerificationStatus::kExpired:
      break;
  }
  return Problem{Code::kWrongCode, "the code is not correct or has expired", "", std::nullopt, 0};
}

Failure<Problem> note_wrong(const Work& work, store::TransactionRow& held, const store::VerificationRow& row,
                            const domain::VerificationRules& rules) {
  store::put_verification(work.tx, held, row);
  store::save_verifications(work.tx, held);
  record(work, "check.failed", held.state,
         Facts()
             .text("method", contact::to_text(row.state.channel))
             .text("verification", row.state.id.text())
             .number("attempt", row.state.attempts));
  return wrong_code(domain::guesses_left(row.state, rules, work.moment.now));
}

Answer<std::variant<Approved, AskProvider>> judge_code(const Work& work, const JudgeTerms& terms,
                                                       store::TransactionRow&& held, store::VerificationRow&& row,
                                                       store::ContactRow&& contact) {
  const Guard guard = guard_of(contact, held.state.purpose == domain::Purpose::kStandaloneCode);
  auto rules = rules_of(terms.limits, terms.service);
  if (terms.guarded) rules.attempts_max = attempts_for(guard, terms.limits);
  const auto guesser = guard.whose == store::Guessers::kOwn ? Guesser::kKnown : Guesser::kStranger;
  const ChannelProvider* provider = terms.service.provider_of(row.state.channel, row.provider);
  const bool elsewhere = !row.state.code && provider != nullptr && provider->checks_codes;
  std::string ref;
  if (elsewhere) {
    work.tx.alone();  // Claims of an upstream belong to no subject.
    auto known = upstream_ref(work.tx, *provider, row);
    if (!known) return fail(known.error());
    ref = *std::move(known);
  }
  auto reserved = domain::reserve_attempt(row.state, rules, work.moment.now);
  if (!reserved) return no_attempts_left();
  if (terms.guarded) {
    if (const auto counted = count_check(work, terms.limits, guesser); !counted) return fail(counted.error());
  }

  if (elsewhere) {
    row.state = *std::move(reserved);
    store::put_verification(work.tx, held, row);
    store::save_verifications(work.tx, held);
    // Counted before the code is judged, like the attempt: no number of parallel checks gets past a lock.
    if (terms.guarded) {
      count_wrong_guess(work, contact, guard, terms.limits.failures, 1, true);
      count_wrong_check(work, work.context.vault, terms.limits, guesser);
    }
    AskProvider ask{held.state.id, row.state.id,
                    row.provider,  {std::move(ref), SecretString(std::string(terms.code)), terms.amount, terms.payee},
                    rules,         terms.limits.failures,
                    terms.guarded};
    if (held.state.purpose == domain::Purpose::kStandaloneCode)
      return std::variant<Approved, AskProvider>(std::move(ask));
    const auto display = store::open_display(work.context.vault, held);
    if (display.amount && !display.payee.empty()) {
      ask.check.amount = domain::format_amount(*display.amount, terms.service.locale_or(held.locale));
      ask.check.payee = display.payee;
    }
    return std::variant<Approved, AskProvider>(std::move(ask));
  }

  auto checked = domain::check_code(row.state, digest_of(work.context.vault, held, row.state.id, terms.code), rules,
                                    work.moment.now);
  row.state = std::move(checked.next);
  if (checked.outcome == domain::CheckOutcome::kApproved) {
    store::put_verification(work.tx, held, row);
    if (terms.guarded) forget_failures(work.tx, work.caller.account, contact, guard);
    return prove_contact(work, std::move(held), std::move(contact), row, terms.guarded)
        .transform([](const Approved& approved) { return std::variant<Approved, AskProvider>(approved); });
  }
  if (terms.guarded) {
    count_wrong_guess(work, contact, guard, terms.limits.failures, checked.cost, false);
    count_wrong_check(work, work.context.vault, terms.limits, guesser);
  }
  return note_wrong(work, held, row, rules);
}

}  // namespace countersign::usecase
