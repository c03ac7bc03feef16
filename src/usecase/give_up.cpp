#include "usecase/give_up.h"

#include <algorithm>

#include "base/test_account.h"
#include "usecase/announce.h"
#include "usecase/gate.h"
#include "usecase/journal.h"

namespace countersign::usecase {

namespace {

Answer<Done> end_claim(store::Tx& tx, const Context& context, const Caller& caller, store::TransactionRow row,
                       Moment& moment) {
  auto ended = domain::given_up(std::move(row.state), moment.now);
  if (!ended) return fail(usecase::problem_of(ended.error()));
  row.state = *std::move(ended);
  store::save_transaction(tx, row);
  store::destroy_payload(tx, row.state.account, row.state.id);
  record(tx, context, caller, "transaction.released", row.state,
         Facts().text("reason", domain::to_text(*row.state.end_reason)), moment);
  announce(tx, context, "transaction.released", row, moment);
  return Done{};
}

}  // namespace

Answer<Done> give_up(store::Tx& tx, const Context& context, const Caller& caller, const TransactionId& id,
                     Moment& moment) {
  auto row = find_held(tx, caller, id);
  if (!row) return refuse(Code::kNotFound);
  return end_claim(tx, context, caller, *std::move(row), moment);
}

int give_up_overdue(store::Tx& tx, const Context& context, const AccountId& account, int limit, Moment& moment) {
  Duration within = context.settings.acknowledge_within;
  if (is_test(account)) {  // What tests leave goes, whatever holds of live claims.
    const Duration kept = context.settings.test_data_kept;
    within = within == Duration::zero() ? kept : std::min(within, kept);
  }
  if (within == Duration::zero()) return 0;
  int count = 0;
  const Caller system{account, "system", "", std::nullopt};
  for (auto& row : store::unacknowledged_transactions(tx, account, moment.now - within, limit)) {
    if (end_claim(tx, context, system, std::move(row), moment)) ++count;
  }
  return count;
}

}  // namespace countersign::usecase
