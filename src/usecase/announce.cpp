#include "usecase/announce.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/json.h"
#include "base/trace.h"
#include "store/repository/webhooks.h"

namespace countersign::usecase {

namespace {

constexpr std::array<std::string_view, 11> kTypes{
    "transaction.verified",  "transaction.released",    "transaction.denied",      "transaction.expired",
    "transaction.canceled",  "subject.source_added",    "subject.source_objected", "subject.source_decided",
    "subject.erasure_asked", "subject.erasure_stopped", "subject.erased"};

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

/// Names the transaction and its state, never what it holds [TXN-1]. Whom it is for and the metadata are added when it
/// is sent (body_to_send).
std::string body_of(std::string_view type, const store::TransactionRow& row, WallTime now) {
  json::object data{{"id", row.state.id.text()}, {"type", row.type}, {"status", domain::to_text(row.state.status)}};
  if (row.state.end_reason) data["reason"] = domain::to_text(*row.state.end_reason);
  return canonical_json(json::object{{"type", type}, {"timestamp", to_rfc3339(now)}, {"data", std::move(data)}});
}

/// `body()` is made once, and only where an endpoint wants it.
template <class Body>
void queue(store::Tx& tx, const AccountId& account, const TransactionId& transaction, std::string_view type, Body body,
           Moment& moment) {
  std::optional<std::string> made;
  for (const auto& endpoint : store::endpoints_of(tx, account)) {
    if (!endpoint.enabled || !wants(endpoint.events, type)) continue;
    if (!made) made = body();
    store::DeliveryRow delivery;
    delivery.account = account;
    delivery.id = DeliveryId::make(moment);
    delivery.endpoint = endpoint.id;
    delivery.transaction = transaction;
    delivery.event_type = type;
    delivery.body = *made;
    delivery.due_at = moment.now;
    delivery.created_at = moment.now;
    store::insert_delivery(tx, delivery);
    trace::remember(delivery.id.text());
  }
}

}  // namespace

bool is_event_type(std::string_view type) { return std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end(); }

void announce(store::Tx& tx, const Context&, std::string_view type, const store::TransactionRow& row, Moment& moment) {
  if (store::is_internal(row.type)) return;
  queue(tx, row.state.account, row.state.id, type, [&] { return body_of(type, row, moment.now); }, moment);
}

void announce_body(store::Tx& tx, const AccountId& account, std::string_view type, const std::string& body,
                   Moment& moment) {
  queue(tx, account, TransactionId{}, type, [&] { return body; }, moment);
}

}  // namespace countersign::usecase
