#include "usecase/check.h"

#include "crypto/otp.h"
#include "store/repository/subjects.h"
#include "store/repository/verifications.h"
#include "usecase/check_totp.h"
#include "usecase/gate.h"
#include "usecase/guessing.h"
#include "usecase/journal.h"
#include "usecase/judge_code.h"
#include "usecase/prove.h"

namespace countersign::usecase {

namespace {

using CheckAnswer = Answer<std::variant<Approved, AskProvider>>;

CheckAnswer widen(Answer<Approved> answer) {
  return std::move(answer).transform([](Approved approved) { return std::variant<Approved, AskProvider>(approved); });
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

CheckAnswer check_verification(store::Tx& tx, const Context& context, const Caller& caller, const CheckRequest& request,
                               store::TransactionRow held, store::VerificationRow row, Moment& moment) {
  const auto& account = context.settings.account(caller.account);
  const ServiceSettings* service = account.service(held.state.service);
  auto contact = store::find_contact(tx, caller.account, row.state.contact);
  if (service == nullptr || !contact)
    return refuse(Code::kNoVerification, "its service or contact is gone; start a new one");
  if (auto fault = closed_fault(row.state, moment.now)) return fail(*std::move(fault));
  if (auto fault = lock_fault(guard_of(*contact, false).state.failures, moment.now)) return fail(*std::move(fault));
  auto code = crypto::typed_code(request.code.expose(), static_cast<std::size_t>(service->code_length));
  if (!code) code = crypto::typed_code(request.code.expose(), domain::kSlowedCodeLength);
  if (!code) return refuse_field("code", "must be the digits of the code");

  const JudgeTerms terms{*service, account.limits, *code};
  return judge_code(tx, context, caller, terms, std::move(held), std::move(row), *std::move(contact), moment);
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
  auto held = store::find_transaction(tx, caller.account, asked.transaction);  // A code of the Verify API, too.
  if (!held) return refuse(Code::kNotFound);
  if (const auto error = domain::why_not_open(held->state, moment.now)) return fail(problem_of(*error));
  auto row = store::find_verification(tx, caller.account, asked.transaction, asked.verification);
  auto contact = row ? store::find_contact(tx, caller.account, row->state.contact) : std::nullopt;
  if (!row || !contact) return refuse(Code::kNoVerification);

  // The guess was counted as wrong when it was asked about; here that is taken back where it was none.
  const Guard guard = guard_of(*contact, held->type == store::kCodeAlone);
  const auto not_a_guess = [&] {
    if (asked.guarded)
      store::save_guard(tx, caller.account, *contact, guard.whose, domain::taken_back(guard.state, asked.failures, 1));
  };
  // It may have ended while the provider was thinking: another answer was faster.
  if (row->state.status != domain::VerificationStatus::kPending) return fail(*closed_fault(row->state, moment.now));
  if (verdict && *verdict == delivery::VerifierVerdict::kApproved) {
    row->state.status = domain::VerificationStatus::kApproved;
    store::save_verification(tx, *row);
    if (asked.guarded) forget_failures(tx, caller.account, *contact, guard);
    return prove_contact(tx, context, caller, *std::move(held), *std::move(contact), moment);
  }
  if (verdict && *verdict == delivery::VerifierVerdict::kWrongCode) {
    if (row->state.attempts >= asked.rules.attempts_max) row->state.status = domain::VerificationStatus::kExhausted;
    return note_wrong(tx, context, caller, held->state, *row, asked.rules, moment);
  }
  if (verdict || verdict.error().fault == delivery::Fault::kNotFound) {
    row->state.status = domain::VerificationStatus::kExpired;
    store::save_verification(tx, *row);
    not_a_guess();
    return wrong_code(0);
  }
  if (verdict.error().fault == delivery::Fault::kAttemptsExhausted) {
    row->state.status = domain::VerificationStatus::kExhausted;
    store::save_verification(tx, *row);
    return refuse(Code::kAttemptsExhausted, "too many wrong codes; start a new verification");
  }
  // Not judged. Where the provider may have counted the attempt all the same, so do we.
  if (!verdict.error().maybe_sent && row->state.attempts > 0) {
    --row->state.attempts;
    not_a_guess();
  }
  store::save_verification(tx, *row);
  record(tx, context, caller, "check.unavailable", held->state,
         Facts().text("provider", asked.provider).text("fault", delivery::name_of(verdict.error().fault)), moment);
  return fail(
      Problem{Code::kUpstreamUnavailable, "the provider did not answer; try again", "", verdict.error().retry_after});
}

}  // namespace countersign::usecase
