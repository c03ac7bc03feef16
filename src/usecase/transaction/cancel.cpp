#include "usecase/transaction/cancel.h"

#include <fmt/format.h>

#include "store/repository/verifications.h"
#include "usecase/audit_log.h"
#include "usecase/outbox/webhooks.h"
#include "usecase/outbox/work_upstream_ends.h"
#include "usecase/risk/review.h"
#include "usecase/subject/objections.h"
#include "usecase/transaction/held.h"

namespace countersign::usecase {

namespace {

using Transition = Result<domain::Transaction, domain::TransactionError> (*)(domain::Transaction, WallTime);

Answer<Ended> end_by(const Work& work, Transition transition, std::optional<store::TransactionRow> row) {
  if (!row) return refuse(Code::kNotFound);
  auto next = transition(std::move(row->state), work.moment.now);
  if (!next) return fail(problem_of(next.error()));
  row->state = *std::move(next);
  return close_transaction(work, *row);
}

}  // namespace

Ended close_transaction(const Work& work, store::TransactionRow& row) {
  store::destroy_payload(work.tx, row.state.account, row.state.id);
  for (auto& verification : store::verifications_of(work.tx, row)) {
    auto canceled = domain::canceled(std::move(verification.state), work.moment.now);
    if (!canceled) continue;
    verification.state = *std::move(canceled);
    store::put_verification(work.tx, row, verification);
    end_upstream(work.tx, verification, work.moment);
  }
  store::save_transaction(work.tx, row);
  const std::string type = fmt::format("transaction.{}", domain::to_text(row.state.status));
  Facts facts;
  if (row.state.end_reason) facts.text("reason", domain::to_text(*row.state.end_reason));
  record(work, type, row.state, facts);
  enqueue_webhooks(work.tx, work.context, type, row, work.moment);
  return {row.state.status};
}

bool expire(const Work& work, store::TransactionRow row) {
  if (row.state.review && lapse_review(work, row)) return true;
  auto lapsed = domain::expired(std::move(row.state), work.moment.now);
  if (!lapsed) return false;
  row.state = *std::move(lapsed);
  close_transaction(work, row);
  return true;
}

Answer<Ended> cancel(const Work& work, const TransactionId& id) {
  return end_by(work, domain::canceled, find_held(work.tx, work.caller, id));
}

Answer<Ended> cancel_code(const Work& work, const TransactionId& id) {
  return end_by(work, domain::canceled, store::find_transaction(work.tx, work.caller.account, id));
}

Answer<Ended> deny(const Work& work, const TransactionId& id) {
  auto ended = end_by(work, domain::denied, find_held(work.tx, work.caller, id));
  if (!ended) return ended;
  // A person who denies the transaction did not make the changes since the hold. [STD-11]
  if (const auto row = store::find_transaction(work.tx, work.caller.account, id))
    object_to_changes_since(work, row->state);
  return ended;
}

int expire_lapsed(store::Tx& tx, const Context& context, int limit, Moment& moment, const store::SetAsideKeys& aside) {
  int count = 0;
  for (auto& row : store::lapsed_transactions(tx, moment.now, limit, aside)) {
    const Caller system{row.state.account, "system", "", std::nullopt};
    const std::string key = std::string(row.state.account.bytes()).append(row.state.id.bytes());
    store::naming_row("transactions", key, [&] {
      if (expire({tx, context, system, moment}, row)) ++count;
    });
  }
  return count;
}

}  // namespace countersign::usecase
