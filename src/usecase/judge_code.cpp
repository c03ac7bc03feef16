#include "usecase/judge_code.h"

#include "usecase/allowance.h"
#include "usecase/gate.h"
#include "usecase/guessing.h"
#include "usecase/journal.h"
#include "usecase/prove.h"
#include "usecase/upstream.h"

namespace countersign::usecase {

Failure<Problem> wrong_code(int attempts_left) {
  return fail(Problem{Code::kWrongCode, "the code is not correct or has expired", "", std::nullopt, attempts_left});
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

Failure<Problem> note_wrong(store::Tx& tx, const Context& context, const Caller& caller,
                            const domain::Transaction& held, const store::VerificationRow& row,
                            const domain::VerificationRules& rules, Moment& moment) {
  store::save_verification(tx, row);
  record(tx, context, caller, "check.failed", held,
         Facts()
             .text("method", contact::to_text(row.state.channel))
             .text("verification", row.state.id.text())
             .number("attempt", row.state.attempts),
         moment);
  return wrong_code(domain::guesses_left(row.state, rules, moment.now));
}

namespace {

Failure<Problem> no_attempts_left() {
  return refuse(Code::kAttemptsExhausted, "too many wrong codes; start a new verification");
}

}  // namespace

Answer<std::variant<Approved, AskProvider>> judge_code(store::Tx& tx, const Context& context, const Caller& caller,
                                                       const JudgeTerms& terms, store::TransactionRow held,
                                                       store::VerificationRow row, store::ContactRow contact,
                                                       Moment& moment) {
  const Guard guard = guard_of(contact, held.type == store::kCodeAlone);
  auto rules = rules_of(terms.limits, terms.service);
  if (terms.guarded) rules.attempts_max = attempts_for(guard, terms.limits);
  const auto guesser = guard.whose == store::Guessers::kOwn ? Guesser::kKnown : Guesser::kStranger;
  const Road* road = terms.service.road_of(row.state.channel, row.provider);
  const bool elsewhere = !row.state.code && road != nullptr && road->checks_codes;
  std::string ref;
  if (elsewhere) {
    auto known = upstream_ref(tx, *road, row);
    if (!known) return fail(known.error());
    ref = *std::move(known);
  }
  auto reserved = domain::reserve_attempt(row.state, rules, moment.now);
  if (!reserved) return no_attempts_left();
  if (terms.guarded) {
    if (const auto counted = count_check(tx, context, caller, terms.limits, guesser, moment.now); !counted)
      return fail(counted.error());
  }

  if (elsewhere) {
    row.state = *std::move(reserved);
    store::save_verification(tx, row);
    // Counted before it is judged, as the attempt is: of any number of questions under way, none is beyond a lock.
    if (terms.guarded) {
      count_wrong_guess(tx, context, caller.account, contact, guard, terms.limits.failures, 1, true, moment.now);
      count_wrong_check(tx, context.vault, caller, terms.limits, guesser, moment.now);
    }
    AskProvider ask{held.state.id, row.state.id,
                    row.provider,  {std::move(ref), SecretString(std::string(terms.code)), terms.amount, terms.payee},
                    rules,         terms.limits.failures,
                    terms.guarded};
    if (held.type == store::kCodeAlone) return std::variant<Approved, AskProvider>(std::move(ask));
    const auto display = store::open_display(context.vault, held);
    if (display.amount && !display.payee.empty()) {
      ask.check.amount = domain::format_amount(*display.amount, terms.service.locale_or(held.locale));
      ask.check.payee = display.payee;
    }
    return std::variant<Approved, AskProvider>(std::move(ask));
  }

  auto checked =
      domain::check_code(row.state, digest_of(context.vault, held, row.state.id, terms.code), rules, moment.now);
  row.state = std::move(checked.next);
  if (checked.outcome == domain::CheckOutcome::kApproved) {
    store::save_verification(tx, row);
    if (terms.guarded) forget_failures(tx, caller.account, contact, guard);
    return prove_contact(tx, context, caller, std::move(held), std::move(contact), moment)
        .transform([](const Approved& approved) { return std::variant<Approved, AskProvider>(approved); });
  }
  if (terms.guarded) {
    count_wrong_guess(tx, context, caller.account, contact, guard, terms.limits.failures, checked.cost, false,
                      moment.now);
    count_wrong_check(tx, context.vault, caller, terms.limits, guesser, moment.now);
  }
  return note_wrong(tx, context, caller, held.state, row, rules, moment);
}

}  // namespace countersign::usecase
