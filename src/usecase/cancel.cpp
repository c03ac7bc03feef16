#include "usecase/cancel.h"

#include <fmt/format.h>

#include "store/repository/verifications.h"
#include "usecase/announce.h"
#include "usecase/gate.h"
#include "usecase/journal.h"
#include "usecase/objections.h"
#include "usecase/work_upstream_ends.h"

namespace countersign::usecase {

namespace {

using Transition = Result<domain::Transaction, domain::TransactionError> (*)(domain::Transaction, WallTime);

Answer<Ended> end_by(Transition transition, store::Tx& tx, const Context& context, const Caller& caller,
                     std::optional<store::TransactionRow> row, Moment& moment) {
  if (!row) return refuse(Code::kNotFound);
  auto next = transition(std::move(row->state), moment.now);
  if (!next) return fail(problem_of(next.error()));
  row->state = *std::move(next);
  return close_transaction(tx, context, caller, *row, moment);
}

}  // namespace

Ended close_transaction(store::Tx& tx, const Context& context, const Caller& caller, const store::TransactionRow& row,
                        Moment& moment) {
  store::save_transaction(tx, row);
  store::destroy_payload(tx, row.state.account, row.state.id);
  for (auto& verification : store::verifications_of(tx, row.state.account, row.state.id)) {
    if (domain::status_at(verification.state, moment.now) != domain::VerificationStatus::kPending) continue;
    verification.state.status = domain::VerificationStatus::kCanceled;
    verification.state.code.reset();
    verification.state.previous_code.reset();
    store::save_verification(tx, verification);
    end_upstream(tx, verification, moment);
  }
  const std::string type = fmt::format("transaction.{}", domain::to_text(row.state.status));
  Facts facts;
  if (row.state.end_reason) facts.text("reason", domain::to_text(*row.state.end_reason));
  record(tx, context, caller, type, row.state, facts, moment);
  announce(tx, context, type, row, moment);
  return {row.state.status};
}

Answer<Ended> cancel(store::Tx& tx, const Context& context, const Caller& caller, const TransactionId& id,
                     Moment& moment) {
  return end_by(domain::canceled, tx, context, caller, find_held(tx, caller, id), moment);
}

Answer<Ended> cancel_code(store::Tx& tx, const Context& context, const Caller& caller, const TransactionId& id,
                          Moment& moment) {
  return end_by(domain::canceled, tx, context, caller, store::find_transaction(tx, caller.account, id), moment);
}

Answer<Ended> deny(store::Tx& tx, const Context& context, const Caller& caller, const TransactionId& id,
                   Moment& moment) {
  auto ended = end_by(domain::denied, tx, context, caller, find_held(tx, caller, id), moment);
  if (!ended) return ended;
  // Whoever says that it wasn't she has no part in what was added to her account meanwhile. [STD-11]
  if (const auto row = store::find_transaction(tx, caller.account, id))
    object_to_changes_since(tx, context, caller, row->state, moment);
  return ended;
}

int expire_lapsed(store::Tx& tx, const Context& context, int limit, Moment& moment, const store::SetAsideKeys& aside) {
  int count = 0;
  for (auto& row : store::lapsed_transactions(tx, moment.now, limit, aside)) {
    row.state.status = domain::TransactionStatus::kExpired;
    row.state.ended_at = moment.now;
    const Caller system{row.state.account, "system", "", std::nullopt};
    const std::string key = std::string(row.state.account.bytes()).append(row.state.id.bytes());
    store::naming_row("transactions", key, [&] { close_transaction(tx, context, system, row, moment); });
    ++count;
  }
  return count;
}

}  // namespace countersign::usecase
