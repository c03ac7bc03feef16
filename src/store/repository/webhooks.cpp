#include "store/repository/webhooks.h"

#include <algorithm>
#include <array>

#include "store/repository/due_key.h"

namespace countersign::store {

namespace {

constexpr std::int64_t kDeliveriesScanned = 2000;  ///< By one page of a filtered list.

constexpr std::array<std::string_view, 3> kDeliveryStatuses{"pending", "delivered", "failed"};

#define CS_ENDPOINT_COLUMNS                                                                        \
  "SELECT account_id, id, url_sealed, secret_sealed, events, status, created_at, disabled_reason," \
  " previous_secret_sealed, previous_secret_until FROM webhook_endpoints "

#define CS_DELIVERY_COLUMNS                                                                                      \
  "SELECT account_id, id, endpoint_id, transaction_id, event_type, body, status, attempts, due_at, lease_owner," \
  " last_status, last_error, created_at, finished_at, round_start FROM deliveries "

EndpointRow read_endpoint(const Row& row) {
  return {row.id<AccountId>(0),  row.id<WebhookEndpointId>(1), row.bytes(2), row.bytes(3),
          row.string(4),         row.text(5) == "enabled",     row.time(6),  row.optional_string(7),
          row.optional_bytes(8), row.optional_time(9)};
}

DeliveryRow read_delivery(const Row& row) {
  return {row.id<AccountId>(0),
          row.id<DeliveryId>(1),
          row.id<WebhookEndpointId>(2),
          row.id<TransactionId>(3),
          row.string(4),
          row.string(5),
          row.string(6),
          row.integer(7),
          due_from_key(row.id<AccountId>(0), row.time(8)),
          row.string(9),
          row.optional_integer(10),
          row.optional_string(11),
          row.time(12),
          row.optional_time(13),
          row.integer(14)};
}

}  // namespace

std::string_view to_text(DeliveryStatus status) { return kDeliveryStatuses.at(static_cast<std::size_t>(status)); }

std::optional<DeliveryStatus> parse_delivery_status(std::string_view text) {
  const auto at = std::ranges::find(kDeliveryStatuses, text);
  if (at == kDeliveryStatuses.end()) return std::nullopt;
  return static_cast<DeliveryStatus>(at - kDeliveryStatuses.begin());
}

void insert_endpoint(Tx& tx, const EndpointRow& e) {
  static const Sql kInsert{
      "INSERT INTO webhook_endpoints (account_id, id, url_sealed, secret_sealed, events, status, created_at)"
      " VALUES (?1, ?2, ?3, ?4, ?5, 'enabled', ?6)"};
  tx.put(kInsert, {e.account, e.id, Blob{e.url_sealed}, Blob{e.secret_sealed}, e.events, e.created_at});
}

std::vector<EndpointRow> endpoints_of(Tx& tx, const AccountId& account) {
  static const Sql kAll{CS_ENDPOINT_COLUMNS "WHERE account_id = ?1 ORDER BY id LIMIT 100"};
  std::vector<EndpointRow> rows;
  tx.all(kAll, {account}, [&](const Row& row) { rows.push_back(read_endpoint(row)); });
  return rows;
}

std::optional<EndpointRow> find_endpoint(Tx& tx, const AccountId& account, const WebhookEndpointId& id) {
  static const Sql kFind{CS_ENDPOINT_COLUMNS "WHERE account_id = ?1 AND id = ?2"};
  std::optional<EndpointRow> found;
  tx.one(kFind, {account, id}, [&](const Row& row) { found = read_endpoint(row); });
  return found;
}

bool delete_endpoint(Tx& tx, const AccountId& account, const WebhookEndpointId& id) {
  static const Sql kDelete{"DELETE FROM webhook_endpoints WHERE account_id = ?1 AND id = ?2"};
  return tx.exec(kDelete, {account, id}) == 1;
}

void save_endpoint(Tx& tx, const EndpointRow& e) {
  static const Sql kSave{
      "UPDATE webhook_endpoints SET url_sealed = ?3, secret_sealed = ?4, events = ?5, status = ?6, disabled_reason = "
      "?7,"
      " previous_secret_sealed = ?8, previous_secret_until = ?9 WHERE account_id = ?1 AND id = ?2"};
  tx.put(kSave,
         {e.account, e.id, Blob{e.url_sealed}, Blob{e.secret_sealed}, e.events, e.enabled ? "enabled" : "disabled",
          e.disabled_reason, optional_blob(e.previous_secret_sealed), e.previous_secret_until});
}

void disable_endpoint(Tx& tx, const AccountId& account, const WebhookEndpointId& id, std::string_view reason) {
  static const Sql kDisable{
      "UPDATE webhook_endpoints SET status = 'disabled', disabled_reason = ?3 WHERE account_id = ?1 AND id = ?2"};
  tx.put(kDisable, {account, id, reason});
}

void insert_delivery(Tx& tx, const DeliveryRow& d) {
  static const Sql kInsert{
      "INSERT INTO deliveries (account_id, id, endpoint_id, transaction_id, event_type, body, status, attempts, due_at,"
      " lease_owner, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"};
  tx.put(kInsert, {d.account, d.id, d.endpoint, d.transaction, d.event_type, d.body, d.status, d.attempts,
                   due_key(d.account, d.due_at), d.lease_owner, d.created_at});
}

Leased<DeliveryRow> lease_deliveries(Tx& tx, WallTime now, WallTime lease_until, std::string_view owner, int limit) {
  static const Sql kDue{CS_DELIVERY_COLUMNS
                        "WHERE status = 'pending' AND due_at <= ?1 ORDER BY due_at LIMIT ?2 {{skip_locked}}"};
  static const Sql kLease{"UPDATE deliveries SET due_at = ?3, lease_owner = ?4 WHERE account_id = ?1 AND id = ?2"};
  Leased<DeliveryRow> leased;
  tx.all(kDue, {now, limit}, [&](const Row& row) {
    if (auto why = why_unreadable([&] { leased.jobs.push_back(read_delivery(row)); }))
      leased.set_aside.push_back({"deliveries", row.bytes(0) + row.bytes(1), *std::move(why)});
  });
  for (const auto& [table, key, why] : leased.set_aside)
    set_delivery_aside(tx, key.substr(0, sizeof(Id)), key.substr(sizeof(Id)), why, now);
  for (auto& d : leased.jobs) {
    d.due_at = lease_until;
    d.lease_owner = owner;
    tx.put(kLease, {d.account, d.id, lease_until, owner});
  }
  return leased;
}

void give_delivery_back(Tx& tx, const DeliveryRow& leased, WallTime due_at) {
  static const Sql kGiveBack{
      "UPDATE deliveries SET due_at = ?3 WHERE account_id = ?1 AND id = ?2 AND status = 'pending' AND due_at = ?4"};
  tx.put(kGiveBack, {leased.account, leased.id, due_at, leased.due_at});
}

void set_delivery_aside(Tx& tx, std::string_view account, std::string_view id, std::string_view why, WallTime now) {
  static const Sql kSetAside{
      "UPDATE deliveries SET status = 'failed', last_error = ?3, finished_at = ?4"
      " WHERE account_id = ?1 AND id = ?2 AND status = 'pending'"};
  tx.put(kSetAside, {Blob{account}, Blob{id}, "unreadable: " + std::string(why), now});
}

std::optional<DeliveryRow> find_delivery(Tx& tx, const AccountId& account, const DeliveryId& id) {
  static const Sql kFind{CS_DELIVERY_COLUMNS "WHERE account_id = ?1 AND id = ?2"};
  std::optional<DeliveryRow> found;
  tx.one(kFind, {account, id}, [&](const Row& row) { found = read_delivery(row); });
  return found;
}

DeliveryPage deliveries_of(Tx& tx, const AccountId& account, const WebhookEndpointId& endpoint,
                           const DeliveryFilter& filter) {
  static const Sql kEdge{
      "SELECT id FROM deliveries WHERE account_id = ?1 AND endpoint_id = ?2 AND id < ?3 ORDER BY id DESC LIMIT 1"
      " OFFSET ?4"};
  // ?5 to ?7 are empty where any will do.
  static const Sql kList{CS_DELIVERY_COLUMNS
                         "WHERE account_id = ?1 AND endpoint_id = ?2 AND id < ?3 AND id >= ?4 AND"
                         " (?5 = '' OR status = ?5) AND (?6 = '' OR event_type = ?6) AND"
                         " (?7 = {{no_id}} OR transaction_id = ?7) ORDER BY id DESC LIMIT ?8"};
  const DeliveryId before{std::min(filter.made.end(), filter.before ? filter.before->id : last_id())};
  DeliveryId from{filter.made.begin()};
  DeliveryPage page;
  if (filter.status || filter.transaction || !filter.event_type.empty()) {
    DeliveryId edge;
    if (tx.one(kEdge, {account, endpoint, before, kDeliveriesScanned},
               [&](const Row& row) { edge = row.id<DeliveryId>(0); }) &&
        edge > from)
      page.next = from = edge;
  }
  const std::string_view status = filter.status ? to_text(*filter.status) : "";
  tx.all(kList,
         {account, endpoint, before, from, status, filter.event_type, filter.transaction.value_or(TransactionId{}),
          filter.limit},
         [&](const Row& row) { page.rows.push_back(read_delivery(row)); });
  if (page.rows.size() == static_cast<std::size_t>(filter.limit)) page.next = page.rows.back().id;
  return page;
}

std::vector<DeliveryRow> deliveries_about(Tx& tx, const AccountId& account, const TransactionId& transaction,
                                          const TimeRange& made) {
  static const Sql kAbout{CS_DELIVERY_COLUMNS
                          "WHERE account_id = ?1 AND id >= ?2 AND id < ?3 AND transaction_id = ?4 ORDER BY id"};
  std::vector<DeliveryRow> rows;
  tx.all(kAbout, {account, DeliveryId{made.begin()}, DeliveryId{made.end()}, transaction},
         [&](const Row& row) { rows.push_back(read_delivery(row)); });
  return rows;
}

std::int64_t requeue_failed(Tx& tx, const AccountId& account, const WebhookEndpointId& endpoint, const TimeRange& made,
                            WallTime now, int limit) {
  static const Sql kRequeue{
      "UPDATE deliveries SET status = 'pending', due_at = ?5, finished_at = NULL, round_start = attempts"
      " WHERE account_id = ?1 AND id IN (SELECT id FROM deliveries WHERE account_id = ?1 AND endpoint_id = ?2"
      " AND id >= ?3 AND id < ?4 AND status = 'failed' ORDER BY id LIMIT ?6)"};
  return tx.exec(kRequeue, {account, endpoint, made.begin(), made.end(), due_key(account, now), limit});
}

void save_delivery(Tx& tx, const DeliveryRow& d) {
  static const Sql kSave{
      "UPDATE deliveries SET status = ?3, attempts = ?4, due_at = ?5, last_status = ?6, last_error = ?7,"
      " finished_at = ?8, round_start = ?9 WHERE account_id = ?1 AND id = ?2"};
  tx.put(kSave, {d.account, d.id, d.status, d.attempts, due_key(d.account, d.due_at), d.last_status, d.last_error,
                 d.finished_at, d.round_start});
}

void insert_delivery_attempt(Tx& tx, const AccountId& account, const DeliveryId& delivery,
                             const DeliveryAttemptRow& a) {
  static const Sql kInsert{
      "INSERT INTO delivery_attempts (account_id, delivery_id, number, attempted_at, duration_us, http_status, error)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (account_id, delivery_id, number) DO NOTHING"};
  tx.put(kInsert, {account, delivery, a.number, a.attempted_at, a.duration.count(), a.http_status, a.error});
}

std::vector<DeliveryAttemptRow> attempts_of(Tx& tx, const AccountId& account, const DeliveryId& delivery) {
  static const Sql kAll{
      "SELECT number, attempted_at, duration_us, http_status, error FROM delivery_attempts"
      " WHERE account_id = ?1 AND delivery_id = ?2 ORDER BY number"};
  std::vector<DeliveryAttemptRow> rows;
  tx.all(kAll, {account, delivery}, [&](const Row& row) {
    rows.push_back(
        {row.integer(0), row.time(1), Duration(row.integer(2)), row.optional_integer(3), row.optional_string(4)});
  });
  return rows;
}

}  // namespace countersign::store
