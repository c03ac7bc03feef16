#include "usecase/outbox/webhooks.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/json.h"
#include "base/trace.h"

namespace countersign::usecase {

namespace {

constexpr std::array<std::string_view, 20> kTypes{"transaction.verified",
                                                  "transaction.released",
                                                  "transaction.denied",
                                                  "transaction.expired",
                                                  "transaction.canceled",
                                                  "subject.source_added",
                                                  "subject.source_objected",
                                                  "subject.source_decided",
                                                  "subject.erasure_asked",
                                                  "subject.erasure_stopped",
                                                  "subject.erased",
                                                  "subject.recovery_code_used",
                                                  "subject.source_leaving",
                                                  "push.requested",
                                                  "budget.warned",
                                                  "budget.closed",
                                                  "spending.stopped",
                                                  "spending.started",
                                                  "transaction.review_needed",
                                                  "transaction.review_allowed"};

/// Whether `wanted`, comma-separated, names `type`.
bool wants(std::string_view wanted, std::string_view type) {
  while (!wanted.empty()) {
    const std::size_t comma = wanted.find(',');
    const std::string_view one = wanted.substr(0, comma);
    if (one == "*" || one == type) return true;
    wanted = comma == std::string_view::npos ? std::string_view() : wanted.substr(comma + 1);
  }
  return false;
}

/// Names the transaction and its state, never its payload [TXN-1]. Identity and metadata are added when it is sent
/// (body_to_send).
std::string body_of(std::string_view type, const store::TransactionRow& row, WallTime now) {
  json::object data{{"id", row.state.id.text()}, {"type", row.type}, {"status", domain::to_text(row.state.status)}};
  if (row.state.end_reason) data["reason"] = domain::to_text(*row.state.end_reason);
  return canonical_json(json::object{{"type", type}, {"timestamp", to_rfc3339(now)}, {"data", std::move(data)}});
}

/// `body()` is called once, and only if an endpoint subscribes to the event.
template <class Body>
void queue(store::Tx& tx, const AccountId& account, const TransactionId& transaction, std::string_view type, Body body,
           Moment& moment) {
  std::optional<std::string> made;
  for (const auto& [endpoint, events] : store::subscriptions_of(tx, account)) {
    if (!wants(events, type)) continue;
    if (!made) made = body();
    queue_webhook(tx, account, {endpoint, type, *made, transaction}, moment);
  }
}

}  // namespace

bool is_event_type(std::string_view type) { return std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end(); }

store::DeliveryRow queue_webhook(store::Tx& tx, const AccountId& account, NewWebhook webhook, Moment& moment) {
  store::DeliveryRow row;
  row.account = account;
  row.id = DeliveryId::make(moment);
  row.endpoint = webhook.endpoint;
  row.transaction = webhook.transaction;
  row.event_type = webhook.type;
  row.body = std::move(webhook.body);
  row.due_at = moment.now;
  row.created_at = moment.now;
  store::insert_delivery(tx, row);
  trace::remember(row.id.text());
  return row;
}

void enqueue_webhooks(store::Tx& tx, const Context&, std::string_view type, const store::TransactionRow& row,
                      Moment& moment) {
  if (row.state.purpose != domain::Purpose::kRelease) return;
  queue(tx, row.state.account, row.state.id, type, [&] { return body_of(type, row, moment.now); }, moment);
}

void enqueue_webhook_body(store::Tx& tx, const AccountId& account, std::string_view type, const std::string& body,
                          Moment& moment) {
  queue(tx, account, TransactionId{}, type, [&] { return body; }, moment);
}

}  // namespace countersign::usecase
