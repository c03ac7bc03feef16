#include "usecase/gate.h"

namespace countersign::usecase {

namespace {

std::optional<store::TransactionRow> if_seen_by(const Caller& caller, std::optional<store::TransactionRow> row) {
  if (!row || row->type == store::kCodeAlone) return std::nullopt;
  if (row->type == store::kAddSource && !caller.is_person()) return std::nullopt;
  return row;
}

}  // namespace

std::optional<store::TransactionRow> find_held(store::Tx& tx, const Caller& caller, const TransactionId& id) {
  return if_seen_by(caller, store::find_transaction(tx, caller.account, id));
}

std::optional<store::TransactionRow> find_held_with_history(store::Tx& tx, const Caller& caller,
                                                            const TransactionId& id) {
  return if_seen_by(caller, store::find_transaction_with_history(tx, caller.account, id));
}

Answer<store::TransactionRow> open_transaction(store::Tx& tx, const Caller& caller, const TransactionId& id,
                                               WallTime now) {
  auto row = find_held_with_history(tx, caller, id);
  if (!row) return refuse(Code::kNotFound);
  if (const auto error = domain::why_not_open(row->state, now)) return fail(problem_of(*error));
  return *std::move(row);
}

Problem problem_of(domain::TransactionError error) {
  using enum domain::TransactionError;
  switch (error) {
    case kNotHeld:
      return {Code::kTransactionNotHeld, "the transaction is verified already"};
    case kNotVerified:
      return {Code::kNotVerified, "the transaction is not verified"};
    case kExpired:
      return {Code::kTransactionExpired, "the transaction has expired; nothing was changed"};
    case kDenied:
      return {Code::kTransactionNotHeld, "the person has refused the transaction"};
    case kProofVoided:
      return {Code::kProofVoided, "a source that had proved something was lost before the claim; hold it anew"};
    case kCanceled:
      return {Code::kTransactionNotHeld, "the transaction was canceled"};
    case kReleased:
      return {Code::kTransactionNotHeld, "the transaction is released already"};
    case kClaimed:
      return {Code::kAlreadyClaimed,
              "another claimer has it; the same API key gets the same answer under the Idempotency-Key of its claim"};
    case kNotClaimed:
      return {Code::kNotClaimed, "nobody has claimed it; cancel it"};
  }
  return {Code::kNotFound, ""};
}

Problem locked_until(WallTime until, WallTime now) {
  return {Code::kLocked, "too many failures in a row", "", until - now};
}

std::optional<Problem> lock_fault(const domain::Failures& failures, WallTime now) {
  if (!domain::is_locked(failures, now)) return std::nullopt;
  return locked_until(*failures.locked_until, now);
}

domain::VerificationRules rules_of(const Limits& limits, const ServiceSettings& service) {
  return {limits.attempts_max, limits.sends_max, service.code_ttl};
}

std::string digest_of(const store::Vault& vault, const store::TransactionRow& held, const VerificationId& verification,
                      std::string_view code) {
  return vault.digester().code_digest("verification",
                                      {held.state.account.bytes(), verification.bytes(), held.binding_hash}, code);
}

}  // namespace countersign::usecase
