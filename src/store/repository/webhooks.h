#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "store/repository/time_range.h"
#include "store/repository/vault.h"
#include "store/set_aside.h"
#include "store/tx.h"

namespace countersign::store {

/// Where the account wants its events.
struct EndpointRow {
  AccountId account;
  WebhookEndpointId id;
  std::string url_sealed;     ///< Sealed, because addresses of hooks often carry a key.
  std::string secret_sealed;  ///< The `whsec_…` that signs.
  std::string events;         ///< Comma-separated types, or `*`.
  bool enabled = true;
  WallTime created_at;
  std::optional<std::string> disabled_reason;
  std::optional<std::string> previous_secret_sealed{};  ///< Signs beside the other …
  std::optional<WallTime> previous_secret_until{};      ///< … before this.
};

void insert_endpoint(Tx& tx, const EndpointRow& row);
[[nodiscard]] std::vector<EndpointRow> endpoints_of(Tx& tx, const AccountId& account);
[[nodiscard]] std::optional<EndpointRow> find_endpoint(Tx& tx, const AccountId& account, const WebhookEndpointId& id);
[[nodiscard]] bool delete_endpoint(Tx& tx, const AccountId& account, const WebhookEndpointId& id);
/// Writes all but ids and created_at.
void save_endpoint(Tx& tx, const EndpointRow& row);
void disable_endpoint(Tx& tx, const AccountId& account, const WebhookEndpointId& id, std::string_view reason);

enum class DeliveryStatus : std::uint8_t { kPending, kDelivered, kFailed };
[[nodiscard]] std::string_view to_text(DeliveryStatus status);
[[nodiscard]] std::optional<DeliveryStatus> parse_delivery_status(std::string_view text);

/// One event on its way to one endpoint. Leased like a message: `due_at` in the future while somebody works on it.
struct DeliveryRow {
  AccountId account;
  DeliveryId id;
  WebhookEndpointId endpoint;
  TransactionId transaction;
  std::string event_type;
  std::string body;  ///< Ids, states and times only: nothing personal, so it need not be sealed.
  std::string status = "pending";
  std::int64_t attempts = 0;
  WallTime due_at;
  std::string lease_owner;
  std::optional<std::int64_t> last_status;
  std::optional<std::string> last_error;
  WallTime created_at;
  std::optional<WallTime> finished_at;
  std::int64_t round_start = 0;  ///< How many attempts it had when it was queued anew; the schedule counts from there.
};

void insert_delivery(Tx& tx, const DeliveryRow& row);
[[nodiscard]] Leased<DeliveryRow> lease_deliveries(Tx& tx, WallTime now, WallTime lease_until, std::string_view owner,
                                                   int limit);
/// One that was leased, and is due again; nothing where it has ended or another lease has begun.
void give_delivery_back(Tx& tx, const DeliveryRow& leased, WallTime due_at);
/// Fails a pending delivery that cannot be read or sent, and keeps it. `account` and `id` as bytes.
void set_delivery_aside(Tx& tx, std::string_view account, std::string_view id, std::string_view why, WallTime now);
[[nodiscard]] std::optional<DeliveryRow> find_delivery(Tx& tx, const AccountId& account, const DeliveryId& id);
struct DeliveryFilter {
  std::optional<DeliveryStatus> status{};
  std::string event_type{};  ///< Empty: any.
  std::optional<TransactionId> transaction{};
  TimeRange made{};
  std::optional<DeliveryId> before{};  ///< Older than this one.
  int limit = 50;
};
struct DeliveryPage {
  std::vector<DeliveryRow> rows;
  std::optional<DeliveryId> next;  ///< Where the next page begins, if there may be more.
};
/// Of one endpoint, newest first. A page looks at a bounded number of rows, and may be short although there are more.
[[nodiscard]] DeliveryPage deliveries_of(Tx& tx, const AccountId& account, const WebhookEndpointId& endpoint,
                                         const DeliveryFilter& filter);
/// About a transaction, to whichever endpoint, the oldest first, among those made in that time: there is no index by
/// transaction, so that the range says what it costs.
[[nodiscard]] std::vector<DeliveryRow> deliveries_about(Tx& tx, const AccountId& account,
                                                        const TransactionId& transaction, const TimeRange& made);
/// Writes status, attempts, due_at, last_*, finished_at, round_start.
void save_delivery(Tx& tx, const DeliveryRow& row);
/// Queues what has failed of an endpoint anew, due at `now`: the oldest first, at most `limit`. Answers how many.
[[nodiscard]] std::int64_t requeue_failed(Tx& tx, const AccountId& account, const WebhookEndpointId& endpoint,
                                          const TimeRange& made, WallTime now, int limit);

struct DeliveryAttemptRow {
  std::int64_t number = 0;
  WallTime attempted_at;
  Duration duration{};
  std::optional<std::int64_t> http_status;
  std::optional<std::string> error;
};
void insert_delivery_attempt(Tx& tx, const AccountId& account, const DeliveryId& delivery,
                             const DeliveryAttemptRow& row);
[[nodiscard]] std::vector<DeliveryAttemptRow> attempts_of(Tx& tx, const AccountId& account, const DeliveryId& delivery);

}  // namespace countersign::store
