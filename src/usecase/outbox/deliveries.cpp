#include "usecase/outbox/deliveries.h"

#include "base/json.h"
#include "usecase/audit_log.h"
#include "usecase/outbox/webhooks.h"

namespace countersign::usecase {

namespace {

/// Why nothing can be sent to the endpoint.
std::optional<Problem> not_sendable(store::Tx& tx, const Caller& caller, const WebhookEndpointId& id) {
  const auto endpoint = store::find_endpoint(tx, caller.account, id);
  if (!endpoint) return Problem{Code::kNotFound};
  if (!endpoint->enabled) return Problem{Code::kEndpointDisabled, "enable the endpoint first"};
  return std::nullopt;
}

}  // namespace

std::optional<store::DeliveryStatus> parse_delivery_status(std::string_view word) {
  return store::parse_delivery_status(word);
}

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

Answer<DeliveryView> retry_delivery(const Work& work, const WebhookEndpointId& endpoint, const DeliveryId& id) {
  auto row = store::find_delivery(work.tx, work.caller.account, id);
  if (!row || row->endpoint != endpoint) return refuse(Code::kNotFound);
  if (row->event_type != kTestEvent) {
    if (auto fault = not_sendable(work.tx, work.caller, endpoint)) return fail(*std::move(fault));
  }
  row = store::queued_anew(*std::move(row), work.moment.now);
  store::save_delivery(work.tx, *row);
  record(work, "webhook_delivery.retried", Facts().text("delivery", id.text()));
  auto attempts = store::attempts_of(work.tx, work.caller.account, id);
  return DeliveryView{*std::move(row), std::move(attempts)};
}

Answer<Replayed> replay_failed(const Work& work, const WebhookEndpointId& endpoint, const store::TimeRange& made) {
  if (auto fault = not_sendable(work.tx, work.caller, endpoint)) return fail(*std::move(fault));
  Replayed replayed;
  replayed.queued =
      store::requeue_failed(work.tx, work.caller.account, endpoint, made, work.moment.now, kReplayedAtOnce);
  replayed.more = replayed.queued == kReplayedAtOnce;
  record(work, "webhook_endpoint.replayed",
         Facts().text("endpoint", endpoint.text()).number("queued", replayed.queued));
  return replayed;
}

Answer<DeliveryView> send_test(const Work& work, const WebhookEndpointId& endpoint) {
  if (!store::find_endpoint(work.tx, work.caller.account, endpoint)) return refuse(Code::kNotFound);
  const json::object body{{"type", kTestEvent},
                          {"timestamp", to_rfc3339(work.moment.now)},
                          {"data", json::object{{"endpoint", endpoint.text()}}}};
  auto row = queue_webhook(work.tx, work.caller.account, {endpoint, kTestEvent, canonical_json(body)}, work.moment);
  record(work, "webhook_endpoint.tested", Facts().text("endpoint", endpoint.text()).text("delivery", row.id.text()));
  return DeliveryView{std::move(row), {}};
}

}  // namespace countersign::usecase
