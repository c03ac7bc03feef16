#include "usecase/check.h"

#include "crypto/otp.h"
#include "store/repository/subjects.h"
#include "store/repository/verifications.h"
#include "usecase/allowance.h"
#include "usecase/check_totp.h"
#include "usecase/gate.h"
#include "usecase/journal.h"
#include "usecase/prove.h"

namespace countersign::usecase {

namespace {

using CheckAnswer = Answer<std::variant<Approved, AskProvider>>;

CheckAnswer widen(Answer<Approved> answer) {
  return std::move(answer).transform([](Approved approved) { return std::variant<Approved, AskProvider>(approved); });
}

Failure<Problem> wrong_code(int attempts_left) {
  return fail(Problem{Code::kWrongCode, "the code is not correct or has expired", "", std::nullopt, attempts_left});
}

/// The one asked for, or the one started last that is still open, or else the last one at all, whose end is the answer.
std::optional<store::VerificationRow> choose_verification(store::Tx& tx, const Caller& caller,
                                                          const CheckRequest& request, WallTime now) {
  if (request.verification)
    return store::find_verification(tx, caller.account, request.transaction, *request.verification);
  auto rows = store::verifications_of(tx, caller.account, request.transaction);
  for (auto& row : rows) {
    if (domain::status_at(row.state, now) == domain::VerificationStatus::kPending) return std::move(row);
  }
  return rows.empty() ? std::nullopt : std::optional(std::move(rows.front()));
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

/// Writes down a wrong code: the spent attempt, the contact's failure, the event.
Failure<Problem> note_wrong(store::Tx& tx, const Context& context, const Caller& caller,
                            const domain::Transaction& held, const store::VerificationRow& row,
                            store::ContactRow contact, const Limits& limits, Moment& moment) {
  store::save_verification(tx, row);
  contact.failures = domain::after_failure(contact.failures, limits.failures, moment.now);
  store::save_contact_check(tx, caller.account, contact);
  record(tx, context, caller, "check.failed", held,
         Facts()
             .text("method", contact::to_text(row.state.channel))
             .text("verification", row.state.id.text())
             .number("attempt", row.state.attempts),
         moment);
  return wrong_code(limits.attempts_max - row.state.attempts);
}

CheckAnswer check_verification(store::Tx& tx, const Context& context, const Caller& caller, const CheckRequest& request,
                               store::TransactionRow held, store::VerificationRow row, Moment& moment) {
  const auto& account = context.settings.account(caller.account);
  const ServiceSettings* service = account.service(held.state.service);
  auto contact = store::find_contact(tx, caller.account, row.state.contact);
  if (service == nullptr || !contact)
    return refuse(Code::kNoVerification, "its service or contact is gone; start a new one");
  if (auto fault = closed_fault(row.state, moment.now)) return fail(*std::move(fault));
  if (auto fault = lock_fault(contact->failures, moment.now)) return fail(*std::move(fault));
  const auto code = crypto::typed_code(request.code.expose(), static_cast<std::size_t>(service->code_length));
  if (!code) return refuse_field("code", "must be the digits of the code");
  if (const auto counted = count_check(tx, context.vault, caller, account.limits, moment.now); !counted)
    return fail(counted.error());

  const auto rules = rules_of(account.limits, *service);
  const Road* road = service->road(row.state.channel);
  if (!row.state.code && road != nullptr && road->checks_codes) {
    if (!row.provider_ref) return refuse(Code::kNotSentYet, "the provider has not taken it over yet");
    auto reserved = domain::reserve_attempt(row.state, rules, moment.now);
    if (!reserved) return refuse(Code::kAttemptsExhausted, "too many wrong codes; start a new verification");
    row.state = *std::move(reserved);
    store::save_verification(tx, row);
    AskProvider ask{held.state.id,
                    row.state.id,
                    row.provider,
                    {*row.provider_ref, SecretString(*code), std::nullopt, std::nullopt}};
    const auto display = store::open_display(context.vault, held);
    if (display.amount && !display.payee.empty()) {
      ask.check.amount = domain::format_amount(*display.amount, held.locale);
      ask.check.payee = display.payee;
    }
    return std::variant<Approved, AskProvider>(std::move(ask));
  }

  auto checked = domain::check_code(row.state, digest_of(context.vault, held, row.state.id, *code), rules, moment.now);
  row.state = std::move(checked.next);
  if (checked.outcome == domain::CheckOutcome::kApproved) {
    store::save_verification(tx, row);
    return widen(prove_contact(tx, context, caller, std::move(held), *std::move(contact), moment));
  }
  return note_wrong(tx, context, caller, held.state, row, *std::move(contact), account.limits, moment);
}

}  // namespace

CheckAnswer check(store::Tx& tx, const Context& context, const Caller& caller, const CheckRequest& request,
                  Moment& moment) {
  auto held = open_transaction(tx, caller, request.transaction, moment.now);
  if (!held) return fail(held.error());
  if (request.factor)
    return widen(check_totp(tx, context, caller, *std::move(held), *request.factor, request.code, moment));
  auto verification = choose_verification(tx, caller, request, moment.now);
  if (verification)
    return check_verification(tx, context, caller, request, *std::move(held), *std::move(verification), moment);
  if (request.verification) return refuse(Code::kNoVerification, "this transaction has no such verification");
  // Nothing was sent, so the code can only be an authenticator app's.
  return widen(check_totp(tx, context, caller, *std::move(held), "totp", request.code, moment));
}

Answer<Approved> conclude_check(store::Tx& tx, const Context& context, const Caller& caller, const AskProvider& asked,
                                const Result<delivery::VerifierVerdict, delivery::ProviderError>& verdict,
                                Moment& moment) {
  auto held = open_transaction(tx, caller, asked.transaction, moment.now);
  if (!held) return fail(held.error());
  auto row = store::find_verification(tx, caller.account, asked.transaction, asked.verification);
  auto contact = row ? store::find_contact(tx, caller.account, row->state.contact) : std::nullopt;
  if (!row || !contact) return refuse(Code::kNoVerification);
  const auto& limits = context.settings.account(caller.account).limits;

  // It may have ended while the provider was thinking: another answer was faster, or the contact was locked meanwhile.
  if (row->state.status != domain::VerificationStatus::kPending) return fail(*closed_fault(row->state, moment.now));
  if (verdict && *verdict == delivery::VerifierVerdict::kApproved) {
    if (auto fault = lock_fault(contact->failures, moment.now)) return fail(*std::move(fault));
    row->state.status = domain::VerificationStatus::kApproved;
    store::save_verification(tx, *row);
    return prove_contact(tx, context, caller, *std::move(held), *std::move(contact), moment);
  }
  if (verdict && *verdict == delivery::VerifierVerdict::kWrongCode) {
    if (row->state.attempts >= limits.attempts_max) row->state.status = domain::VerificationStatus::kExhausted;
    return note_wrong(tx, context, caller, held->state, *row, *std::move(contact), limits, moment);
  }
  if (verdict || verdict.error().fault == delivery::Fault::kNotFound) {
    row->state.status = domain::VerificationStatus::kExpired;
    store::save_verification(tx, *row);
    return wrong_code(0);
  }
  if (verdict.error().fault == delivery::Fault::kAttemptsExhausted) {
    row->state.status = domain::VerificationStatus::kExhausted;
    store::save_verification(tx, *row);
    return refuse(Code::kAttemptsExhausted, "too many wrong codes; start a new verification");
  }
  // Not judged. Where the provider may have counted the attempt all the same, so do we.
  if (!verdict.error().maybe_sent && row->state.attempts > 0) --row->state.attempts;
  store::save_verification(tx, *row);
  record(tx, context, caller, "check.unavailable", held->state,
         Facts().text("provider", asked.provider).text("fault", delivery::name_of(verdict.error().fault)), moment);
  return fail(
      Problem{Code::kUpstreamUnavailable, "the provider did not answer; try again", "", verdict.error().retry_after});
}

}  // namespace countersign::usecase
