#include "usecase/transaction/show.h"

#include "contact/masking.h"
#include "store/repository/subjects.h"
#include "store/repository/verifications.h"
#include "usecase/subject/standing.h"
#include "usecase/transaction/held.h"

namespace countersign::usecase {

namespace {

TransactionView view_of(store::Tx& tx, const Context& context, store::TransactionRow row, WallTime now) {
  TransactionView view;
  view.type = store::type_text(row);
  view.status = domain::status_at(row.state, now);
  view.judgement = judgement_of(tx, context, row.state, now);
  view.identity = store::subject_identity(tx, context.vault, row.state.account, row.state.subject);
  view.display = store::open_display(context.vault, row);
  view.return_url = store::open_return_url(context.vault, row);
  if (const auto metadata = store::open_metadata(context.vault, row)) view.metadata = metadata->expose();
  view.row = std::move(row);
  return view;
}

bool shows_display(const ServiceSettings* service, contact::Channel channel, std::string_view provider) {
  const auto* sender = service == nullptr ? nullptr : service->provider_of(channel, provider);
  return sender == nullptr || sender->shows_display(channel);
}

}  // namespace

Answer<TransactionView> show_transaction(const Work& work, const TransactionId& id) {
  auto row = find_held(work.tx, work.caller, id);
  if (!row) return refuse(Code::kNotFound);
  TransactionView view = view_of(work.tx, work.context, *std::move(row), work.moment.now);
  const ServiceSettings* service = work.context.settings.account(work.caller.account).service(view.row.state.service);
  const int attempts_max = work.context.settings.account(work.caller.account).limits.attempts_max;
  for (const auto& v : store::verifications_of(work.tx, view.row)) {
    const auto contact = store::find_contact(work.tx, work.caller.account, v.state.contact);
    const std::string masked =
        contact ? contact::mask_contact(store::open_address(work.context.vault, *contact).expose()) : "";
    view.verifications.push_back({v.state.id, v.state.channel, masked, domain::status_at(v.state, work.moment.now),
                                  v.send_fault, v.state.sends, attempts_max - v.state.attempts, v.state.created_at,
                                  v.state.expires_at, shows_display(service, v.state.channel, v.provider),
                                  v.channels()});
  }
  return view;
}

TransactionList list_transactions(const Work& work, const ListRequest& request) {
  store::TransactionFilter filter = request.filter;
  if (request.identity) {
    filter.subject = store::find_subject(work.tx, work.context.vault, work.caller.account, *request.identity);
    if (!filter.subject) return {};
  }
  auto page = store::list_transactions(work.tx, work.caller.account, filter);
  TransactionList list{{}, page.next};
  for (auto& row : page.rows) {
    if (row.state.purpose == domain::Purpose::kRelease)
      list.views.push_back(view_of(work.tx, work.context, std::move(row), work.moment.now));
  }
  return list;
}

}  // namespace countersign::usecase
