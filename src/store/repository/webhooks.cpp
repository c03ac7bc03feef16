#include "store/repository/webhooks.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/check.h"
#include "base/names.h"
#include "store/repository/due_key.h"
#include "store/repository/row_bundle.h"

namespace countersign::store {

namespace {

constexpr Columns kEndpoint{R"sql(
    account_id, id, url_sealed, secret_sealed, events, status, created_at, disabled_reason,
    previous_secret_sealed, previous_secret_until
)sql"};

constexpr Columns kDelivery{R"sql(
    account_id, id, endpoint_id, transaction_id, event_type, body, status, attempts, due_at, lease_owner,
    last_status, last_error, created_at, finished_at, round_start
)sql"};

constexpr std::int64_t kDeliveriesScanned = 2000;  ///< By one page of a filtered list.

constexpr std::array<std::string_view, 3> kDeliveryStatuses{"pending", "delivered", "failed"};

EndpointRow read_endpoint(const Row& row) {
  return {.account = row.id<AccountId>(kEndpoint["account_id"]),
          .id = row.id<WebhookEndpointId>(kEndpoint["id"]),
          .url_sealed = row.bytes(kEndpoint["url_sealed"]),
          .secret_sealed = row.bytes(kEndpoint["secret_sealed"]),
          .events = row.string(kEndpoint["events"]),
          .enabled = row.text(kEndpoint["status"]) == "enabled",
          .created_at = row.time(kEndpoint["created_at"]),
          .disabled_reason = row.optional_string(kEndpoint["disabled_reason"]),
          .previous_secret_sealed = row.optional_bytes(kEndpoint["previous_secret_sealed"]),
          .previous_secret_until = row.optional_time(kEndpoint["previous_secret_until"])};
}

DeliveryRow read_delivery(const Row& row) {
  return {.account = row.id<AccountId>(kDelivery["account_id"]),
          .id = row.id<DeliveryId>(kDelivery["id"]),
          .endpoint = row.id<WebhookEndpointId>(kDelivery["endpoint_id"]),
          .transaction = row.id<TransactionId>(kDelivery["transaction_id"]),
          .event_type = row.string(kDelivery["event_type"]),
          .body = row.string(kDelivery["body"]),
          .status = row.string(kDelivery["status"]),
          .attempts = row.integer(kDelivery["attempts"]),
          .due_at = due_from_key(row.id<AccountId>(kDelivery["account_id"]), row.time(kDelivery["due_at"])),
          .lease_owner = row.string(kDelivery["lease_owner"]),
          .last_status = row.optional_integer(kDelivery["last_status"]),
          .last_error = row.optional_string(kDelivery["last_error"]),
          .created_at = row.time(kDelivery["created_at"]),
          .finished_at = row.optional_time(kDelivery["finished_at"]),
          .round_start = row.integer(kDelivery["round_start"])};
}

/// What the units of a commit have read of the accounts' endpoints.
class Subscriptions final : public SharedPart {
 public:
  const std::vector<Subscription>& of(Tx& tx, const AccountId& account) {
    static constexpr Sql kEnabled{R"sql(
        SELECT id, events
        FROM webhook_endpoints
        WHERE account_id = :account_id AND status = 'enabled'
        ORDER BY id
        LIMIT 100
    )sql"};
    if (const auto known = accounts_.find(account); known != accounts_.end()) return known->second;
    const Latch latch(tx, {Key::Kind::kFirstUse, account.bytes(), "endpoints"});
    if (const auto known = accounts_.find(account); known != accounts_.end()) return known->second;
    std::vector<Subscription> all;
    tx.all(kEnabled, {account}, [&](const Row& row) {
      all.push_back({row.id<WebhookEndpointId>(kEnabled["id"]), row.string(kEnabled["events"])});
    });
    return accounts_.insert_or_assign(account, std::move(all)).first->second;
  }
  void forget() { accounts_.clear(); }

  void undo(UnitNumber) override { forget(); }  // It may have read what it wrote itself.
  void write(Tx&) override {}

 private:
  std::map<AccountId, std::vector<Subscription>> accounts_;
};

/// Call after every change of an endpoint.
void endpoints_changed(Tx& tx) { tx.share().parts->get<Subscriptions>().forget(); }

}  // namespace

std::string_view to_text(DeliveryStatus status) { return kDeliveryStatuses.at(static_cast<std::size_t>(status)); }

std::optional<DeliveryStatus> parse_delivery_status(std::string_view text) {
  return value_named<DeliveryStatus>(kDeliveryStatuses, text);
}

void insert_endpoint(Tx& tx, const EndpointRow& e) {
  static constexpr Sql kInsert{R"sql(
      INSERT INTO webhook_endpoints (account_id, id, url_sealed, secret_sealed, events, status, created_at)
      VALUES (:account_id, :id, :url_sealed, :secret_sealed, :events, 'enabled', :created_at)
  )sql"};
  tx.put(kInsert, {{"account_id", e.account},
                   {"id", e.id},
                   {"url_sealed", Blob{e.url_sealed}},
                   {"secret_sealed", Blob{e.secret_sealed}},
                   {"events", e.events},
                   {"created_at", e.created_at}});
  endpoints_changed(tx);
}

const std::vector<Subscription>& subscriptions_of(Tx& tx, const AccountId& account) {
  CS_CHECK(tx.share().parts != nullptr);
  return tx.share().parts->get<Subscriptions>().of(tx, account);
}

std::vector<EndpointRow> endpoints_of(Tx& tx, const AccountId& account) {
  static constexpr Sql kAll{kEndpoint, R"sql(
      SELECT {{columns}}
      FROM webhook_endpoints
      WHERE account_id = :account_id
      ORDER BY id
      LIMIT 100
  )sql"};
  std::vector<EndpointRow> rows;
  tx.all(kAll, {account}, [&](const Row& row) { rows.push_back(read_endpoint(row)); });
  return rows;
}

std::optional<EndpointRow> find_endpoint(Tx& tx, const AccountId& account, const WebhookEndpointId& id) {
  static constexpr Sql kFind{kEndpoint, R"sql(
      SELECT {{columns}}
      FROM webhook_endpoints
      WHERE account_id = :account_id AND id = :id
  )sql"};
  std::optional<EndpointRow> found;
  tx.one(kFind, {account, id}, [&](const Row& row) { found = read_endpoint(row); });
  return found;
}

bool delete_endpoint(Tx& tx, const AccountId& account, const WebhookEndpointId& id) {
  static constexpr Sql kDelete{R"sql(
      DELETE FROM webhook_endpoints
      WHERE account_id = :account_id AND id = :id
  )sql"};
  const bool deleted = tx.exec(kDelete, {account, id}) == 1;
  endpoints_changed(tx);
  return deleted;
}

void save_endpoint(Tx& tx, const EndpointRow& e) {
  static constexpr Sql kSave{R"sql(
      UPDATE webhook_endpoints
      SET url_sealed = :url_sealed,
          secret_sealed = :secret_sealed,
          events = :events,
          status = :status,
          disabled_reason = :disabled_reason,
          previous_secret_sealed = :previous_secret_sealed,
          previous_secret_until = :previous_secret_until
      WHERE account_id = :account_id AND id = :id
  )sql"};
  tx.put(kSave, {{"url_sealed", Blob{e.url_sealed}},
                 {"secret_sealed", Blob{e.secret_sealed}},
                 {"events", e.events},
                 {"status", e.enabled ? "enabled" : "disabled"},
                 {"disabled_reason", e.disabled_reason},
                 {"previous_secret_sealed", optional_blob(e.previous_secret_sealed)},
                 {"previous_secret_until", e.previous_secret_until},
                 {"account_id", e.account},
                 {"id", e.id}});
  endpoints_changed(tx);
}

void disable_endpoint(Tx& tx, const AccountId& account, const WebhookEndpointId& id, std::string_view reason) {
  static constexpr Sql kDisable{R"sql(
      UPDATE webhook_endpoints
      SET status = 'disabled', disabled_reason = :reason
      WHERE account_id = :account_id AND id = :id
  )sql"};
  tx.put(kDisable, {{"reason", reason}, {"account_id", account}, {"id", id}});
  endpoints_changed(tx);
}

DeliveryRow attempted(DeliveryRow row, std::optional<std::int64_t> http_status, std::optional<std::string> error) {
  ++row.attempts;
  row.last_status = http_status;
  row.last_error = std::move(error);
  return row;
}

DeliveryRow delivered(DeliveryRow row, WallTime now) {
  row.status = to_text(DeliveryStatus::kDelivered);
  row.finished_at = now;
  return row;
}

DeliveryRow failed(DeliveryRow row, std::string_view error, WallTime now) {
  row.status = to_text(DeliveryStatus::kFailed);
  row.last_error = error;
  row.finished_at = now;
  return row;
}

DeliveryRow queued_anew(DeliveryRow row, WallTime now) {
  const auto pending = to_text(DeliveryStatus::kPending);
  if (row.status != pending) row.round_start = row.attempts;
  row.status = pending;
  row.due_at = now;
  row.finished_at.reset();
  return row;
}

void insert_delivery(Tx& tx, const DeliveryRow& d) {
  static constexpr Sql kInsert{R"sql(
      INSERT INTO deliveries (
        account_id, id, endpoint_id, transaction_id, event_type, body, status, attempts, due_at, lease_owner,
        created_at)
      VALUES (
        :account_id, :id, :endpoint_id, :transaction_id, :event_type, :body, :status, :attempts, :due_at,
        :lease_owner, :created_at)
  )sql"};
  tx.put(kInsert, {{"account_id", d.account},
                   {"id", d.id},
                   {"endpoint_id", d.endpoint},
                   {"transaction_id", d.transaction},
                   {"event_type", d.event_type},
                   {"body", d.body},
                   {"status", d.status},
                   {"attempts", d.attempts},
                   {"due_at", due_key(d.account, d.due_at)},
                   {"lease_owner", d.lease_owner},
                   {"created_at", d.created_at}});
}

Leased<DeliveryRow> lease_deliveries(Tx& tx, WallTime now, WallTime lease_until, std::string_view owner, int limit) {
  static constexpr Sql kDue{kDelivery, R"sql(
      SELECT {{columns}}
      FROM deliveries
      WHERE status = 'pending' AND due_at <= :now
      ORDER BY due_at
      LIMIT :limit
      {{skip_locked}}
  )sql"};
  static constexpr Sql kLease{R"sql(
      UPDATE deliveries
      SET due_at = :due_at, lease_owner = :lease_owner
      WHERE account_id = :account_id AND id = :id
  )sql"};
  static constexpr Sql kLeaseAll{R"sql(
      UPDATE deliveries
      SET due_at = :due_at, lease_owner = :lease_owner
      FROM {{each(}}:values{{)each}} AS r
      WHERE deliveries.account_id = substr(CAST(:ids AS {{blob}}), CAST(1 + 32 * r.key AS INTEGER), 16)
        AND deliveries.id = substr(CAST(:ids AS {{blob}}), CAST(17 + 32 * r.key AS INTEGER), 16)
  )sql"};
  Leased<DeliveryRow> leased;
  tx.all(kDue, {now, limit}, [&](const Row& row) {
    read_or_set_aside(leased, "deliveries", row.bytes(kDue["account_id"]) + row.bytes(kDue["id"]),
                      [&] { return read_delivery(row); });
  });
  for (const auto& [table, key, why] : leased.set_aside)
    set_delivery_aside(tx, key.substr(0, sizeof(Id)), key.substr(sizeof(Id)), why, now);
  const bool few = leased.jobs.size() < RowBundle::kWorthIt;
  RowBundle bundle;
  for (auto& d : leased.jobs) {
    d.due_at = lease_until;
    d.lease_owner = owner;
    if (few)
      tx.put(kLease, {{"due_at", lease_until}, {"lease_owner", owner}, {"account_id", d.account}, {"id", d.id}});
    else
      bundle.add(d.account, d.id, "");
  }
  if (bundle.size() > 0) {
    tx.put(kLeaseAll,
           {{"due_at", lease_until}, {"lease_owner", owner}, {"values", bundle.values()}, {"ids", Blob{bundle.ids()}}});
  }
  return leased;
}

void give_delivery_back(Tx& tx, const DeliveryRow& leased, WallTime due_at) {
  static constexpr Sql kGiveBack{R"sql(
      UPDATE deliveries
      SET due_at = :due_at
      WHERE account_id = :account_id AND id = :id AND status = 'pending' AND due_at = :leased_until
  )sql"};
  tx.put(kGiveBack,
         {{"due_at", due_at}, {"account_id", leased.account}, {"id", leased.id}, {"leased_until", leased.due_at}});
}

void set_delivery_aside(Tx& tx, std::string_view account, std::string_view id, std::string_view why, WallTime now) {
  static constexpr Sql kSetAside{R"sql(
      UPDATE deliveries
      SET status = 'failed', last_error = :last_error, finished_at = :finished_at
      WHERE account_id = :account_id AND id = :id AND status = 'pending'
  )sql"};
  tx.put(kSetAside, {{"last_error", "unreadable: " + std::string(why)},
                     {"finished_at", now},
                     {"account_id", Blob{account}},
                     {"id", Blob{id}}});
}

std::optional<DeliveryRow> find_delivery(Tx& tx, const AccountId& account, const DeliveryId& id) {
  static constexpr Sql kFind{kDelivery, R"sql(
      SELECT {{columns}}
      FROM deliveries
      WHERE account_id = :account_id AND id = :id
  )sql"};
  std::optional<DeliveryRow> found;
  tx.one(kFind, {account, id}, [&](const Row& row) { found = read_delivery(row); });
  return found;
}

DeliveryPage deliveries_of(Tx& tx, const AccountId& account, const WebhookEndpointId& endpoint,
                           const DeliveryFilter& filter) {
  static constexpr Sql kEdge{R"sql(
      SELECT id
      FROM deliveries
      WHERE account_id = :account_id AND endpoint_id = :endpoint_id AND id < :before
      ORDER BY id DESC
      LIMIT 1 OFFSET :scanned
  )sql"};
  // Status, type and transaction are empty where any will do.
  static constexpr Sql kList{kDelivery, R"sql(
      SELECT {{columns}}
      FROM deliveries
      WHERE account_id = :account_id AND endpoint_id = :endpoint_id AND id < :before AND id >= :from
        AND (:status = '' OR status = :status)
        AND (:event_type = '' OR event_type = :event_type)
        AND (:transaction_id = {{no_id}} OR transaction_id = :transaction_id)
      ORDER BY id DESC
      LIMIT :limit
  )sql"};
  const DeliveryId before{std::min(filter.made.end(), filter.before ? filter.before->id : last_id())};
  DeliveryId from{filter.made.begin()};
  DeliveryPage page;
  if (filter.status || filter.transaction || !filter.event_type.empty()) {
    DeliveryId edge;
    if (tx.one(
            kEdge,
            {{"account_id", account}, {"endpoint_id", endpoint}, {"before", before}, {"scanned", kDeliveriesScanned}},
            [&](const Row& row) { edge = row.id<DeliveryId>(kEdge["id"]); }) &&
        edge > from)
      page.next = from = edge;
  }
  const std::string_view status = filter.status ? to_text(*filter.status) : "";
  tx.all(kList,
         {{"account_id", account},
          {"endpoint_id", endpoint},
          {"before", before},
          {"from", from},
          {"status", status},
          {"event_type", filter.event_type},
          {"transaction_id", filter.transaction.value_or(TransactionId{})},
          {"limit", filter.limit}},
         [&](const Row& row) { page.rows.push_back(read_delivery(row)); });
  if (page.rows.size() == static_cast<std::size_t>(filter.limit)) page.next = page.rows.back().id;
  return page;
}

std::vector<DeliveryRow> deliveries_about(Tx& tx, const AccountId& account, const TransactionId& transaction,
                                          const TimeRange& made) {
  static constexpr Sql kAbout{kDelivery, R"sql(
      SELECT {{columns}}
      FROM deliveries
      WHERE account_id = :account_id AND id >= :begin AND id < :end AND transaction_id = :transaction_id
      ORDER BY id
  )sql"};
  std::vector<DeliveryRow> rows;
  tx.all(kAbout,
         {{"account_id", account},
          {"begin", DeliveryId{made.begin()}},
          {"end", DeliveryId{made.end()}},
          {"transaction_id", transaction}},
         [&](const Row& row) { rows.push_back(read_delivery(row)); });
  return rows;
}

std::int64_t requeue_failed(Tx& tx, const AccountId& account, const WebhookEndpointId& endpoint, const TimeRange& made,
                            WallTime now, int limit) {
  static constexpr Sql kRequeue{R"sql(
      UPDATE deliveries
      SET status = 'pending',
          due_at = :due_at,
          finished_at = NULL,
          round_start = attempts
      WHERE account_id = :account_id
        AND id IN (
            SELECT id
            FROM deliveries
            WHERE account_id = :account_id AND endpoint_id = :endpoint_id AND id >= :begin AND id < :end
              AND status = 'failed'
            ORDER BY id
            LIMIT :limit)
  )sql"};
  return tx.exec(kRequeue, {{"due_at", due_key(account, now)},
                            {"account_id", account},
                            {"endpoint_id", endpoint},
                            {"begin", made.begin()},
                            {"end", made.end()},
                            {"limit", limit}});
}

void save_delivery(Tx& tx, const DeliveryRow& d) {
  static constexpr Sql kSave{R"sql(
      UPDATE deliveries
      SET status = :status,
          attempts = :attempts,
          due_at = :due_at,
          last_status = :last_status,
          last_error = :last_error,
          finished_at = :finished_at,
          round_start = :round_start
      WHERE account_id = :account_id AND id = :id
  )sql"};
  tx.put(kSave, {{"status", d.status},
                 {"attempts", d.attempts},
                 {"due_at", due_key(d.account, d.due_at)},
                 {"last_status", d.last_status},
                 {"last_error", d.last_error},
                 {"finished_at", d.finished_at},
                 {"round_start", d.round_start},
                 {"account_id", d.account},
                 {"id", d.id}});
}

void insert_delivery_attempt(Tx& tx, const AccountId& account, const DeliveryId& delivery,
                             const DeliveryAttemptRow& a) {
  static constexpr Sql kInsert{R"sql(
      INSERT INTO delivery_attempts (
        account_id, delivery_id, number, attempted_at, duration_us, http_status, error)
      VALUES (:account_id, :delivery_id, :number, :attempted_at, :duration_us, :http_status, :error)
      ON CONFLICT (account_id, delivery_id, number) DO NOTHING
  )sql"};
  tx.put(kInsert, {{"account_id", account},
                   {"delivery_id", delivery},
                   {"number", a.number},
                   {"attempted_at", a.attempted_at},
                   {"duration_us", a.duration.count()},
                   {"http_status", a.http_status},
                   {"error", a.error}});
}

void deliver_all(Tx& tx, std::span<const AcceptedDelivery> accepted, WallTime now) {
  // A value is the duration and the status in one number.
  static constexpr Sql kLog{R"sql(
      INSERT INTO delivery_attempts (
        account_id, delivery_id, number, attempted_at, duration_us, http_status, error)
      SELECT
        d.account_id, d.id, d.attempts + 1, :attempted_at, CAST(r.value AS {{bigint}}) / 1000,
        CAST(r.value AS {{bigint}}) % 1000, NULL
      FROM {{each(}}:values{{)each}} AS r
      JOIN deliveries AS d
        ON d.account_id = substr(CAST(:ids AS {{blob}}), CAST(1 + 32 * r.key AS INTEGER), 16)
        AND d.id = substr(CAST(:ids AS {{blob}}), CAST(17 + 32 * r.key AS INTEGER), 16)
      WHERE d.status = 'pending'
      ON CONFLICT (account_id, delivery_id, number) DO NOTHING
  )sql"};
  static constexpr Sql kDeliver{R"sql(
      UPDATE deliveries
      SET status = 'delivered',
          attempts = attempts + 1,
          last_status = CAST(r.value AS {{bigint}}) % 1000,
          last_error = NULL,
          finished_at = :finished_at
      FROM {{each(}}:values{{)each}} AS r
      WHERE deliveries.account_id = substr(CAST(:ids AS {{blob}}), CAST(1 + 32 * r.key AS INTEGER), 16)
        AND deliveries.id = substr(CAST(:ids AS {{blob}}), CAST(17 + 32 * r.key AS INTEGER), 16)
        AND deliveries.status = 'pending'
  )sql"};
  RowBundle bundle;
  for (const auto& [account, id, status, duration] : accepted)
    bundle.add(account, id, std::to_string(duration.count() * 1000 + status));
  const std::string values = bundle.values();
  tx.put(kLog, {{"attempted_at", now}, {"values", values}, {"ids", Blob{bundle.ids()}}});
  tx.put(kDeliver, {{"finished_at", now}, {"values", values}, {"ids", Blob{bundle.ids()}}});
}

std::vector<DeliveryAttemptRow> attempts_of(Tx& tx, const AccountId& account, const DeliveryId& delivery) {
  static constexpr Sql kAll{R"sql(
      SELECT number, attempted_at, duration_us, http_status, error
      FROM delivery_attempts
      WHERE account_id = :account_id AND delivery_id = :delivery_id
      ORDER BY number
  )sql"};
  std::vector<DeliveryAttemptRow> rows;
  tx.all(kAll, {account, delivery}, [&](const Row& row) {
    rows.push_back({.number = row.integer(kAll["number"]),
                    .attempted_at = row.time(kAll["attempted_at"]),
                    .duration = Duration(row.integer(kAll["duration_us"])),
                    .http_status = row.optional_integer(kAll["http_status"]),
                    .error = row.optional_string(kAll["error"])});
  });
  return rows;
}

}  // namespace countersign::store
