#include "usecase/transaction/give_up.h"

#include <algorithm>

#include "base/test_account.h"
#include "usecase/audit_log.h"
#include "usecase/outbox/webhooks.h"
#include "usecase/transaction/held.h"

namespace countersign::usecase {

namespace {

Answer<Done> end_claim(const Work& work, store::TransactionRow row) {
  auto ended = domain::given_up(std::move(row.state), work.moment.now);
  if (!ended) return fail(usecase::problem_of(ended.error()));
  row.state = *std::move(ended);
  store::save_transaction(work.tx, row);
  store::destroy_payload(work.tx, row.state.account, row.state.id);
  record(work, "transaction.released", row.state, Facts().text("reason", domain::to_text(*row.state.end_reason)));
  enqueue_webhooks(work.tx, work.context, "transaction.released", row, work.moment);
  return Done{};
}

}  // namespace

Answer<Done> give_up(const Work& work, const TransactionId& id) {
  auto row = find_held(work.tx, work.caller, id);
  if (!row) return refuse(Code::kNotFound);
  return end_claim(work, *std::move(row));
}

int give_up_overdue(store::Tx& tx, const Context& context, const AccountId& account, int limit, Moment& moment) {
  Duration within = context.settings.transactions.acknowledge_within;
  if (is_test(account)) {  // Test claims are given up whatever the setting for live ones.
    const Duration kept = context.settings.test_data_kept;
    within = within == Duration::zero() ? kept : std::min(within, kept);
  }
  if (within == Duration::zero()) return 0;
  int count = 0;
  const Caller system{account, "system", "", std::nullopt};
  for (auto& row : store::unacknowledged_transactions(tx, account, moment.now - within, limit)) {
    if (end_claim({tx, context, system, moment}, std::move(row))) ++count;
  }
  return count;
}

}  // namespace countersign::usecase
