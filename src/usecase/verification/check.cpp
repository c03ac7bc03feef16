#include "usecase/verification/check.h"

#include "crypto/otp.h"
#include "store/repository/subjects.h"
#include "store/repository/verifications.h"
#include "usecase/audit_log.h"
#include "usecase/keys.h"
#include "usecase/transaction/held.h"
#include "usecase/verification/check_factor.h"
#include "usecase/verification/guessing.h"
#include "usecase/verification/judge.h"
#include "usecase/verification/prove.h"

namespace countersign::usecase {

namespace {

using CheckAnswer = Answer<std::variant<Approved, AskProvider>>;

CheckAnswer widen(Answer<Approved> answer) {
  return std::move(answer).transform([](Approved approved) { return std::variant<Approved, AskProvider>(approved); });
}

/// The requested one; else the newest that is open; else the newest, whose end is the answer.
std::optional<store::VerificationRow> choose_verification(const Work& work, const store::TransactionRow& held,
                                                          const CheckRequest& request) {
  if (request.verification) return store::find_verification(work.tx, held, *request.verification);
  auto rows = store::verifications_of(work.tx, held);
  for (auto& row : rows) {
    if (domain::status_at(row.state, work.moment.now) == domain::VerificationStatus::kPending) return std::move(row);
  }
  return rows.empty() ? std::nullopt : std::optional(std::move(rows.front()));
}

CheckAnswer check_verification(const Work& work, const CheckRequest& request, store::ToProve& found,
                               store::VerificationRow row) {
  auto& held = found.row;
  const auto& account = work.context.settings.account(work.caller.account);
  const ServiceSettings* service = account.service(held.state.service);
  const auto* known = store::contact_in(found.contacts, row.state.contact);
  auto contact = known == nullptr ? std::nullopt : std::optional(*known);
  if (contact && !work.tx.take(address_key(work.caller.account, contact->address_id)))
    contact = store::find_contact(work.tx, work.caller.account, row.state.contact);
  if (service == nullptr || !contact)
    return refuse(Code::kNoVerification, "its service or contact is gone; start a new one");
  if (auto fault = closed_fault(row.state, work.moment.now)) return fail(*std::move(fault));
  if (auto fault = lock_fault(guard_of(*contact, false).state.failures, work.moment.now))
    return fail(*std::move(fault));
  auto code = crypto::typed_code(request.code.expose(), static_cast<std::size_t>(service->code_length));
  if (!code) code = crypto::typed_code(request.code.expose(), domain::kSlowedCodeLength);
  if (!code) return refuse_field("code", "must be the digits of the code");

  const JudgeTerms terms{*service, account.limits, *code};
  return judge_code(work, terms, std::move(held), std::move(row), *std::move(contact));
}

domain::ProviderVerdict verdict_of(const Result<delivery::VerifierVerdict, delivery::ProviderError>& answer) {
  using enum domain::ProviderVerdict;
  if (answer) {
    switch (*answer) {
      case delivery::VerifierVerdict::kApproved:
        return kRight;
      case delivery::VerifierVerdict::kWrongCode:
        return kWrong;
      case delivery::VerifierVerdict::kOver:
        return kOver;
    }
  }
  if (answer.error().fault == delivery::Fault::kNotFound) return kOver;
  if (answer.error().fault == delivery::Fault::kAttemptsExhausted) return kExhausted;
  // Not judged. If the provider may have counted the attempt, we count it too.
  return answer.error().maybe_sent ? kUnknown : kNotAsked;
}

}  // namespace

CheckAnswer check(const Work& work, const CheckRequest& request) {
  std::optional<store::Beside> beside;
  if (!work.context.settings.account(work.caller.account).checks_elsewhere()) beside.emplace(work.tx);
  auto found = open_to_check(work, request.transaction);
  if (!found) return fail(found.error());
  store::ToProve& to_prove = **found;
  if (request.factor) return widen(check_factor(work, std::move(to_prove.row), *request.factor, request.code));
  auto verification = choose_verification(work, to_prove.row, request);
  if (verification) return check_verification(work, request, to_prove, *std::move(verification));
  if (request.verification) return refuse(Code::kNoVerification, "this transaction has no such verification");
  // Nothing was sent, so the code must be from an authenticator app.
  return widen(check_factor(work, std::move(to_prove.row), "totp", request.code));
}

Answer<Approved> conclude_check(const Work& work, const AskProvider& asked,
                                const Result<delivery::VerifierVerdict, delivery::ProviderError>& verdict) {
  auto held =
      store::find_transaction(work.tx, work.caller.account, asked.transaction);  // Also for a code of the Verify API.
  if (!held) return refuse(Code::kNotFound);
  if (const auto error = domain::why_not_open(held->state, work.moment.now)) return fail(problem_of(*error));
  auto row = store::find_verification(work.tx, *held, asked.verification);
  auto contact = row ? store::find_contact(work.tx, work.caller.account, row->state.contact) : std::nullopt;
  if (!row || !contact) return refuse(Code::kNoVerification);

  // The guess was counted as wrong when the provider was asked; undone here if it was right.
  const Guard guard = guard_of(*contact, held->state.purpose == domain::Purpose::kStandaloneCode);
  const auto not_a_guess = [&] {
    if (asked.guarded)
      store::save_guard(work.tx, work.caller.account, *contact, guard.whose,
                        domain::taken_back(guard.state, asked.failures, 1));
  };
  const auto said = verdict_of(verdict);
  auto next = domain::with_provider_verdict(row->state, said, asked.rules);
  // It may have ended while the provider was checking: another answer was faster.
  if (!next) return fail(*closed_fault(row->state, work.moment.now));
  row->state = *std::move(next);
  if (said == domain::ProviderVerdict::kWrong) return note_wrong(work, *held, *row, asked.rules);
  store::put_verification(work.tx, *held, *row);
  if (said == domain::ProviderVerdict::kRight) {
    if (asked.guarded) forget_failures(work.tx, work.caller.account, *contact, guard);
    return prove_contact(work, *std::move(held), *std::move(contact), *row, asked.guarded);
  }
  store::save_verifications(work.tx, *held);
  switch (said) {
    case domain::ProviderVerdict::kOver:
      not_a_guess();
      return wrong_code(0);
    case domain::ProviderVerdict::kExhausted:
      return no_attempts_left();
    case domain::ProviderVerdict::kNotAsked:
      not_a_guess();
      break;
    case domain::ProviderVerdict::kUnknown:
    case domain::ProviderVerdict::kRight:
    case domain::ProviderVerdict::kWrong:
      break;
  }
  record(work, "check.unavailable", held->state,
         Facts().text("provider", asked.provider).text("fault", delivery::name_of(verdict.error().fault)));
  return fail(
      Problem{Code::kUpstreamUnavailable, "the provider did not answer; try again", "", verdict.error().retry_after});
}

}  // namespace countersign::usecase
