#include "usecase/show.h"

#include "contact/masking.h"
#include "store/repository/subjects.h"
#include "store/repository/verifications.h"
#include "usecase/gate.h"
#include "usecase/standing.h"

namespace countersign::usecase {

namespace {

TransactionView view_of(store::Tx& tx, const Context& context, store::TransactionRow row, WallTime now) {
  TransactionView view;
  view.status = domain::status_at(row.state, now);
  view.judgement = judgement_of(tx, context, row.state, now);
  view.identity = store::subject_identity(tx, context.vault, row.state.account, row.state.subject);
  view.display = store::open_display(context.vault, row);
  view.return_url = store::open_return_url(context.vault, row);
  if (const auto metadata = store::open_metadata(context.vault, row)) view.metadata = metadata->expose();
  view.row = std::move(row);
  return view;
}

}  // namespace

Answer<TransactionView> show_transaction(store::Tx& tx, const Context& context, const Caller& caller,
                                         const TransactionId& id, WallTime now) {
  auto row = find_held(tx, caller, id);
  if (!row) return refuse(Code::kNotFound);
  TransactionView view = view_of(tx, context, *std::move(row), now);
  const int attempts_max = context.settings.account(caller.account).limits.attempts_max;
  for (const auto& v : store::verifications_of(tx, caller.account, id)) {
    const auto contact = store::find_contact(tx, caller.account, v.state.contact);
    const std::string masked =
        contact ? contact::mask_contact(store::open_address(context.vault, *contact).expose()) : "";
    view.verifications.push_back({v.state.id, v.state.channel, masked, domain::status_at(v.state, now), v.send_fault,
                                  v.state.sends, attempts_max - v.state.attempts, v.state.created_at,
                                  v.state.expires_at});
  }
  return view;
}

TransactionList list_transactions(store::Tx& tx, const Context& context, const Caller& caller,
                                  const ListRequest& request, WallTime now) {
  store::TransactionFilter filter = request.filter;
  if (request.identity) {
    filter.subject = store::find_subject(tx, context.vault, caller.account, *request.identity);
    if (!filter.subject) return {};
  }
  auto page = store::list_transactions(tx, caller.account, filter);
  TransactionList list{{}, page.next};
  for (auto& row : page.rows) {
    if (!store::is_internal(row.type)) list.views.push_back(view_of(tx, context, std::move(row), now));
  }
  return list;
}

}  // namespace countersign::usecase
