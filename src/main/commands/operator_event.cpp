#include "main/commands/operator_event.h"

#include <utility>

#include "store/repository/events.h"

namespace countersign::main {

void record(store::Tx& tx, const AdminContext& context, const AccountId& account, std::string_view type,
            std::string data, Moment& moment) {
  store::EventRow event;
  event.account = account;
  event.type = type;
  event.actor = "operator";
  event.data = std::move(data);
  event.created_at = moment.now;
  store::append_event(tx, context.event_ids, std::move(event), moment);
}

}  // namespace countersign::main
