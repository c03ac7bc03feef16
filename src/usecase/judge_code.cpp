#include "usecase/judge_code.h"

#include "usecase/gate.h"
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
                            store::ContactRow contact, int attempts_max, const domain::FailureRules& failures,
                            Moment& moment) {
  store::save_verification(tx, row);
  contact.failures = domain::after_failure(contact.failures, failures, moment.now);
  store::save_contact_check(tx, caller.account, contact);
  record(tx, context, caller, "check.failed", held,
         Facts()
             .text("method", contact::to_text(row.state.channel))
             .text("verification", row.state.id.text())
             .number("attempt", row.state.attempts),
         moment);
  return wrong_code(attempts_max - row.state.attempts);
}

Answer<std::variant<Approved, AskProvider>> judge_code(store::Tx& tx, const Context& context, const Caller& caller,
                                                       const JudgeTerms& terms, store::TransactionRow held,
                                                       store::VerificationRow row, store::ContactRow contact,
                                                       Moment& moment) {
  const auto rules = rules_of(terms.limits, terms.service);
  const Road* road = terms.service.road_of(row.state.channel, row.provider);
  if (!row.state.code && road != nullptr && road->checks_codes) {
    auto ref = upstream_ref(tx, *road, row);
    if (!ref) return fail(ref.error());
    auto reserved = domain::reserve_attempt(row.state, rules, moment.now);
    if (!reserved) return refuse(Code::kAttemptsExhausted, "too many wrong codes; start a new verification");
    row.state = *std::move(reserved);
    store::save_verification(tx, row);
    AskProvider ask{held.state.id,
                    row.state.id,
                    row.provider,
                    {*std::move(ref), SecretString(std::string(terms.code)), terms.amount, terms.payee},
                    terms.limits.attempts_max,
                    terms.limits.failures};
    if (held.type == store::kCodeAlone) return std::variant<Approved, AskProvider>(std::move(ask));
    const auto display = store::open_display(context.vault, held);
    if (display.amount && !display.payee.empty()) {
      ask.check.amount = domain::format_amount(*display.amount, held.locale);
      ask.check.payee = display.payee;
    }
    return std::variant<Approved, AskProvider>(std::move(ask));
  }

  auto checked =
      domain::check_code(row.state, digest_of(context.vault, held, row.state.id, terms.code), rules, moment.now);
  row.state = std::move(checked.next);
  if (checked.outcome == domain::CheckOutcome::kApproved) {
    store::save_verification(tx, row);
    return prove_contact(tx, context, caller, std::move(held), std::move(contact), moment)
        .transform([](const Approved& approved) { return std::variant<Approved, AskProvider>(approved); });
  }
  return note_wrong(tx, context, caller, held.state, row, std::move(contact), terms.limits.attempts_max,
                    terms.limits.failures, moment);
}

}  // namespace countersign::usecase
