#include "usecase/transaction/held.h"

#include <type_traits>

#include "usecase/keys.h"

namespace countersign::usecase {

namespace {

const domain::Transaction& state_of(const store::TransactionRow& row) { return row.state; }
const domain::Transaction& state_of(const store::ToProve& found) { return found.row.state; }
const domain::Transaction& state_of(const store::ToAnswer& found) { return found.row.state; }

/// The key of its subject, which never changes, covers it; which that is, only the row says.
template <class Find>
std::invoke_result_t<Find, store::Tx&, const AccountId&, const TransactionId&> find_seen_by(store::Tx& tx,
                                                                                            const Caller& caller,
                                                                                            const TransactionId& id,
                                                                                            const Find& find) {
  tx.will_take(store::Named::kSubjectOfTransaction, caller.account.bytes(), id.bytes());
  auto found = find(tx, caller.account, id);
  if (found && !tx.take(subject_key(caller.account, state_of(*found).subject))) found = find(tx, caller.account, id);
  if (!found || state_of(*found).purpose == domain::Purpose::kStandaloneCode) return {};
  using enum domain::Purpose;
  const auto purpose = state_of(*found).purpose;
  if (purpose == kShowMethods) return {};  // It is no more than a link.
  if ((purpose == kAddSource || purpose == kChangeSource) && !caller.is_person()) return {};
  return found;
}

/// What was found: nothing, or something that is not open.
template <class Found>
std::optional<Problem> open_fault(const Found& found, WallTime now) {
  if (!found) return Problem{Code::kNotFound, ""};
  const auto error = domain::why_not_open(state_of(*found), now);
  return error ? std::optional(problem_of(*error)) : std::nullopt;
}

template <class Find>
Answer<std::unique_ptr<store::ToProve>> open_with_contacts(const Work& work, const TransactionId& id,
                                                           const Find& find) {
  work.tx.will_take(store::Named::kAddressesOfTransaction, work.caller.account.bytes(), id.bytes());
  auto found = find_seen_by(work.tx, work.caller, id, find);
  if (auto fault = open_fault(found, work.moment.now)) return fail(*std::move(fault));
  return found;
}

}  // namespace

std::optional<store::TransactionRow> find_held(store::Tx& tx, const Caller& caller, const TransactionId& id) {
  return find_seen_by(tx, caller, id, store::find_transaction);
}

Answer<std::unique_ptr<store::ToProve>> open_to_check(const Work& work, const TransactionId& id) {
  return open_with_contacts(work, id, store::find_transaction_to_prove);
}

Answer<std::unique_ptr<store::ToProve>> open_to_send(const Work& work, const TransactionId& id) {
  return open_with_contacts(work, id, store::find_transaction_to_send);
}

Answer<store::ToAnswer> open_to_answer(const Work& work, const TransactionId& id,
                                       const std::optional<FactorId>& factor) {
  const auto find = [&](store::Tx& tx, const AccountId& account, const TransactionId& transaction) {
    return store::find_transaction_to_answer(tx, account, transaction, factor);
  };
  auto found = find_seen_by(work.tx, work.caller, id, find);
  if (auto fault = open_fault(found, work.moment.now)) return fail(*std::move(fault));
  return *std::move(found);
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
    case kInReview:
      return {Code::kInReview, "the transaction waits for an operator's word"};
    case kRefused:
      return {Code::kTransactionNotHeld, "the transaction was refused"};
    case kNoReview:
      return {Code::kNoReview, "there is nothing to decide, or the time for it is over"};
    case kSamePerson:
      return {Code::kSameReviewer, "two persons must allow it; use another person's key"};
    case kNotClaimed:
      return {Code::kNotClaimed, "nobody has claimed it; cancel it"};
    case kStillOpen:
    case kOtherPurpose:  // No request leads here.
      break;
  }
  return {Code::kNotFound, ""};
}

}  // namespace countersign::usecase
