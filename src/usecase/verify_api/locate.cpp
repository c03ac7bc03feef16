#include "usecase/verify_api/locate.h"

#include <algorithm>

#include "domain/display.h"
#include "usecase/verify_api/address.h"

namespace countersign::usecase::verify_api {

namespace {

/// Maximum number of pending payments per address.
constexpr int kPendingMax = 10;

std::optional<Located> with_verification(store::Tx& tx, store::TransactionRow row) {
  if (row.state.purpose != domain::Purpose::kStandaloneCode) return std::nullopt;
  auto verification = store::find_verification(tx, row, VerificationId{row.state.id.id});
  if (!verification) return std::nullopt;
  return Located{std::move(row), *std::move(verification)};
}

/// Not the stored status: after its life it has its final status.
domain::VerificationStatus status_of(const Located& located, WallTime now) {
  return domain::status_at(located.verification.state, now);
}

}  // namespace

bool Located::is_pending(WallTime now) const { return status_of(*this, now) == domain::VerificationStatus::kPending; }

bool Located::is_exhausted(WallTime now) const {
  return status_of(*this, now) == domain::VerificationStatus::kExhausted && now < verification.state.expires_at;
}

Refusal exhausted(const Located& located, WallTime now) {
  Refusal refusal{ErrorCode::kMaxCheckAttempts};
  refusal.retry_after = located.verification.state.expires_at - now;
  return refusal;
}

// payment := SHA-256 over
//    length of the amount    in decimal; it keeps the two apart
//    ":"
//    amount
//    payee
std::string payment_hash(std::string_view amount, std::string_view payee) {
  return crypto::sha256(std::to_string(amount.size()).append(1, ':').append(amount).append(payee));
}

// As of a hold (hold.cpp), with another first line and without a payload: account, transaction, display hash.
std::string binding_of(const store::TransactionRow& row) {
  std::string all = "countersign code 1\n";
  all.append(row.state.account.bytes()).append(row.state.id.bytes()).append(row.display_hash);
  return crypto::sha256(all);
}

std::optional<Located> latest_code(store::Tx& tx, const Caller& caller, const SubjectId& recipient,
                                   const std::string& payment, WallTime now) {
  store::TransactionFilter filter;
  filter.subject = recipient;
  filter.limit = payment.empty() ? 1 : kPendingMax;
  std::optional<Located> latest;
  for (auto& row : store::list_transactions(tx, caller.account, filter).rows) {
    auto located = with_verification(tx, std::move(row));
    if (!located) continue;
    const bool fits = payment.empty() || located->transaction.display_hash == payment;
    if (fits && (located->is_pending(now) || located->is_exhausted(now))) return located;
    if (!latest) latest = std::move(located);
  }
  return latest;
}

std::optional<Located> code_by_id(store::Tx& tx, const Caller& caller, const ServiceId& service,
                                  const VerificationId& id) {
  auto row = store::find_transaction(tx, caller.account, TransactionId{id.id});
  if (!row || row->state.service != service) return std::nullopt;
  return with_verification(tx, *std::move(row));
}

Verdict<Located> locate(const Work& work, const CodeTarget& target, const std::string& payment) {
  std::optional<Located> located;
  if (target.id) {
    located = code_by_id(work.tx, work.caller, target.service, *target.id);
  } else if (const auto address = read_address(target.to)) {
    const auto recipient =
        store::find_recipient(work.tx, work.context.vault, work.caller.account, target.service, address->index_text);
    if (recipient) located = latest_code(work.tx, work.caller, *recipient, payment, work.moment.now);
  }
  if (!located) return refuse(ErrorCode::kNotFound);
  if (located->is_pending(work.moment.now)) return *std::move(located);
  if (located->is_exhausted(work.moment.now)) return fail(exhausted(*located, work.moment.now));
  Refusal refusal{ErrorCode::kNotFound};
  refusal.ended = domain::to_text(status_of(*located, work.moment.now));
  return fail(std::move(refusal));
}

CodeView view_of(const Context& context, const Located& located, const Service& service, std::string to, WallTime now) {
  const auto& transaction = located.transaction;
  const auto& state = located.verification.state;
  CodeView view;
  view.id = state.id;
  view.account = state.account;
  view.service = transaction.state.service;
  view.to = std::move(to);
  view.channel = state.channel;
  view.status = status_of(located, now);
  view.locale = transaction.locale;
  view.looked_up = service.flag("lookup_enabled");
  if (service.flag("psd2_enabled")) {
    const auto display = store::open_display(context.vault, transaction);
    view.payee = display.payee;
    if (!display.lines.empty()) view.amount = display.lines.front().value;
  }
  view.created_at = state.created_at;
  view.updated_at = std::max(state.last_sent_at, transaction.state.ended_at.value_or(state.last_sent_at));
  if (view.status == domain::VerificationStatus::kExpired) view.updated_at = state.expires_at;
  view.expires_at = state.expires_at;
  view.sendings = located.verification.sendings;
  return view;
}

CodeView view_of(store::Tx& tx, const Context& context, const Located& located, const Service& service, WallTime now) {
  const auto& of = located.transaction.state;
  auto to = store::subject_identity(tx, context.vault, of.account, of.subject);
  return view_of(context, located, service, std::move(to), now);
}

}  // namespace countersign::usecase::verify_api
