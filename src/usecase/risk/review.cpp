#include "usecase/risk/review.h"

#include "base/ascii.h"
#include "usecase/audit_log.h"
#include "usecase/outbox/webhooks.h"
#include "usecase/risk/trust.h"
#include "usecase/transaction/cancel.h"
#include "usecase/transaction/held.h"

namespace countersign::usecase {

namespace {

Facts said_by(std::string_view operator_name) {
  Facts facts;
  if (!operator_name.empty()) facts.text("operator", operator_name);
  return facts;
}

/// What was refused by the rules has been announced as denied: only its payload was kept.
void end_for_good(const Work& work, store::TransactionRow& row, bool was_announced) {
  store::save_risk(work.tx, row);
  if (was_announced) {
    store::destroy_payload(work.tx, row.state.account, row.state.id);
    store::save_transaction(work.tx, row);
    return;
  }
  close_transaction(work, row);
}

}  // namespace

Answer<std::vector<store::TransactionRow>> list_reviews(const Work& work, const std::optional<WallTime>& after,
                                                        int limit) {
  if (!work.caller.may_administer) return refuse(Code::kMayNotAdminister);
  return store::transactions_to_review(work.tx, work.caller.account, work.moment.now, after, limit);
}

Answer<store::TransactionRow> allow_review(const Work& work, const TransactionId& id, std::string_view operator_name) {
  if (!work.caller.may_administer) return refuse(Code::kMayNotAdminister);
  auto row = find_held(work.tx, work.caller, id);
  if (!row) return refuse(Code::kNotFound);
  const auto& settings = work.context.settings;
  const domain::ReviewTerms terms{settings.review_by_two, row->state.expires_at - row->state.created_at,
                                  settings.transactions.claim_window};
  const std::string by =
      operator_name.empty() ? work.caller.actor : work.caller.actor + ":" + lower_case(operator_name);
  auto next = domain::review_allowed(row->state, by, terms, work.moment.now);
  if (!next) return fail(problem_of(next.error()));
  row->state = *std::move(next);
  const bool decided = !row->state.review;
  row->risk.allowed = decided;
  store::save_transaction(work.tx, *row);
  store::save_risk(work.tx, *row);
  if (!decided) {
    record(work, "transaction.review_seconded", row->state, said_by(operator_name));
    return *std::move(row);
  }
  record(work, "transaction.review_allowed", row->state, said_by(operator_name));
  enqueue_webhooks(work.tx, work.context, "transaction.review_allowed", *row, work.moment);
  if (row->state.status == domain::TransactionStatus::kVerified) {
    learn_from_approval(work, *row);
    record(work, "transaction.verified", row->state, {});
    enqueue_webhooks(work.tx, work.context, "transaction.verified", *row, work.moment);
  }
  return *std::move(row);
}

Answer<store::TransactionRow> refuse_review(const Work& work, const TransactionId& id, std::string_view operator_name) {
  if (!work.caller.may_administer) return refuse(Code::kMayNotAdminister);
  auto row = find_held(work.tx, work.caller, id);
  if (!row) return refuse(Code::kNotFound);
  const bool was_announced = row->state.status == domain::TransactionStatus::kDenied;
  auto next = domain::review_refused(row->state, work.moment.now);
  if (!next) return fail(problem_of(next.error()));
  row->state = *std::move(next);
  record(work, "transaction.review_refused", row->state, said_by(operator_name));
  end_for_good(work, *row, was_announced);
  return *std::move(row);
}

void end_reviews_of_refused(const Work& work, const SubjectId& subject) {
  for (auto& row : store::refused_transactions(work.tx, work.caller.account, subject)) {
    row.state.review.reset();
    end_for_good(work, row, true);
  }
}

bool lapse_review(const Work& work, store::TransactionRow row) {
  const bool was_announced = row.state.status == domain::TransactionStatus::kDenied;
  auto next = domain::review_lapsed(row.state, work.moment.now);
  if (!next) return false;
  row.state = *std::move(next);
  end_for_good(work, row, was_announced);
  return true;
}

}  // namespace countersign::usecase
