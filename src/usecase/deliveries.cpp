#include "usecase/deliveries.h"

#include "base/json.h"
#include "base/trace.h"
#include "usecase/journal.h"

namespace countersign::usecase {

namespace {

/// Why nothing can be sent there.
std::optional<Problem> not_sendable(store::Tx& tx, const Caller& caller, const WebhookEndpointId& id) {
  const auto endpoint = store::find_endpoint(tx, caller.account, id);
  if (!endpoint) return Problem{Code::kNotFound};
  if (!endpoint->enabled) return Problem{Code::kEndpointDisabled, "enable the endpoint first"};
  return std::nullopt;
}

}  // namespace

Answer<DeliveryList> list_deliveries(store::Tx& tx, const Caller& caller, const WebhookEndpointId& endpoint,
                                     const store::DeliveryFilter& filter) {
  if (!store::find_endpoint(tx, caller.account, endpoint)) return refuse(Code::kNotFound);
  auto page = store::deliveries_of(tx, caller.account, endpoint, filter);
  DeliveryList list{{}, page.next};
  for (auto& row : page.rows) {
    auto attempts = store::attempts_of(tx, caller.account, row.id);
    list.views.push_back({std::move(row), std::move(attempts)});
  }
  return list;
}

Answer<DeliveryView> retry_delivery(store::Tx& tx, const Context& context, const Caller& caller,
                                    const WebhookEndpointId& endpoint, const DeliveryId& id, Moment& moment) {
  auto row = store::find_delivery(tx, caller.account, id);
  if (!row || row->endpoint != endpoint) return refuse(Code::kNotFound);
  if (row->event_type != kTestEvent) {
    if (auto fault = not_sendable(tx, caller, endpoint)) return fail(*std::move(fault));
  }
  const auto pending = store::to_text(store::DeliveryStatus::kPending);
  if (row->status != pending) row->round_start = row->attempts;
  row->status = pending;
  row->due_at = moment.now;
  row->finished_at.reset();
  store::save_delivery(tx, *row);
  record(tx, context, caller, "webhook_delivery.retried", Facts().text("delivery", id.text()), moment);
  auto attempts = store::attempts_of(tx, caller.account, id);
  return DeliveryView{*std::move(row), std::move(attempts)};
}

Answer<Replayed> replay_failed(store::Tx& tx, const Context& context, const Caller& caller,
                               const WebhookEndpointId& endpoint, const store::TimeRange& made, Moment& moment) {
  if (auto fault = not_sendable(tx, caller, endpoint)) return fail(*std::move(fault));
  Replayed replayed;
  replayed.queued = store::requeue_failed(tx, caller.account, endpoint, made, moment.now, kReplayedAtOnce);
  replayed.more = replayed.queued == kReplayedAtOnce;
  record(tx, context, caller, "webhook_endpoint.replayed",
         Facts().text("endpoint", endpoint.text()).number("queued", replayed.queued), moment);
  return replayed;
}

Answer<DeliveryView> send_test(store::Tx& tx, const Context& context, const Caller& caller,
                               const WebhookEndpointId& endpoint, Moment& moment) {
  if (!store::find_endpoint(tx, caller.account, endpoint)) return refuse(Code::kNotFound);
  store::DeliveryRow row;
  row.account = caller.account;
  row.id = DeliveryId::make(moment);
  row.endpoint = endpoint;
  row.event_type = kTestEvent;
  row.body = canonical_json(json::object{{"type", kTestEvent},
                                         {"timestamp", to_rfc3339(moment.now)},
                                         {"data", json::object{{"endpoint", endpoint.text()}}}});
  row.due_at = moment.now;
  row.created_at = moment.now;
  store::insert_delivery(tx, row);
  trace::remember(row.id.text());
  record(tx, context, caller, "webhook_endpoint.tested",
         Facts().text("endpoint", endpoint.text()).text("delivery", row.id.text()), moment);
  return DeliveryView{std::move(row), {}};
}

}  // namespace countersign::usecase
