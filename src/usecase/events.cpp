#include "usecase/events.h"

#include "base/encoding.h"

namespace countersign::usecase {

EventList list_events(store::Tx& tx, const Caller& caller, const store::EventFilter& filter) {
  auto page = store::list_events(tx, caller.account, filter);
  EventList list{{}, page.next};
  list.views.reserve(page.rows.size());
  for (auto& row : page.rows) {
    list.views.push_back({row.id, std::move(row.type), row.transaction, row.subject, std::move(row.actor),
                          row.source_index.transform([](const auto& index) { return to_hex(index); }),
                          std::move(row.request_id), std::move(row.data), row.created_at});
  }
  return list;
}

}  // namespace countersign::usecase
