#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/id.h"
#include "store/repository/time_range.h"
#include "store/repository/vault.h"
#include "store/set_aside.h"
#include "store/tx.h"

namespace countersign::store {

/// A webhook endpoint of the account.
struct EndpointRow {
  AccountId account;
  WebhookEndpointId id;
  std::string url_sealed;     ///< Sealed, because URLs of hooks often contain a key.
  std::string secret_sealed;  ///< The signing secret, `whsec_…`.
  std::string events;         ///< Comma-separated types, or `*`.
  bool enabled = true;
  WallTime created_at;
  std::optional<std::string> disabled_reason;
  std::optional<std::string> previous_secret_sealed{};  ///< Also signs …
  std::optional<WallTime> previous_secret_until{};      ///< … until then.
};

void insert_endpoint(Tx& tx, const EndpointRow& row);
[[nodiscard]] std::vector<EndpointRow> endpoints_of(Tx& tx, const AccountId& account);
/// What an enabled endpoint receives.
struct Subscription {
  WebhookEndpointId endpoint;
  std::string events;
};
/// Those of an account, read once in a commit, so not in Store::read. Valid until an endpoint changes.
[[nodiscard]] const std::vector<Subscription>& subscriptions_of(Tx& tx, const AccountId& account);
[[nodiscard]] std::optional<EndpointRow> find_endpoint(Tx& tx, const AccountId& account, const WebhookEndpointId& id);
[[nodiscard]] bool delete_endpoint(Tx& tx, const AccountId& account, const WebhookEndpointId& id);
/// Writes everything but ids and created_at.
void save_endpoint(Tx& tx, const EndpointRow& row);
void disable_endpoint(Tx& tx, const AccountId& account, const WebhookEndpointId& id, std::string_view reason);

enum class DeliveryStatus : std::uint8_t { kPending, kDelivered, kFailed };
[[nodiscard]] std::string_view to_text(DeliveryStatus status);
[[nodiscard]] std::optional<DeliveryStatus> parse_delivery_status(std::string_view text);

/// One event for one endpoint. Leased like a message: `due_at` is in the future while a worker has it.
struct DeliveryRow {
  AccountId account;
  DeliveryId id;
  WebhookEndpointId endpoint;
  TransactionId transaction;
  std::string event_type;
  std::string body;  ///< Only ids, states and times: nothing personal, so it need not be sealed.
  std::string status = "pending";
  std::int64_t attempts = 0;
  WallTime due_at;
  std::string lease_owner;
  std::optional<std::int64_t> last_status;
  std::optional<std::string> last_error;
  WallTime created_at;
  std::optional<WallTime> finished_at;
  std::int64_t round_start = 0;  ///< Its number of attempts when it was requeued; the schedule counts from there.
};

// Transitions of a delivery: pending, then delivered or failed; and pending again on request.

/// Counts one more attempt and its result; the status does not change. `error` is nullopt if the endpoint accepted it.
[[nodiscard]] DeliveryRow attempted(DeliveryRow row, std::optional<std::int64_t> http_status,
                                    std::optional<std::string> error);
/// From pending, when the endpoint has accepted it.
[[nodiscard]] DeliveryRow delivered(DeliveryRow row, WallTime now);
/// From pending: no more automatic attempts.
[[nodiscard]] DeliveryRow failed(DeliveryRow row, std::string_view error, WallTime now);
/// From any status: due at once. The schedule restarts if it had ended.
[[nodiscard]] DeliveryRow queued_anew(DeliveryRow row, WallTime now);

void insert_delivery(Tx& tx, const DeliveryRow& row);
[[nodiscard]] Leased<DeliveryRow> lease_deliveries(Tx& tx, WallTime now, WallTime lease_until, std::string_view owner,
                                                   int limit);
/// Requeues a leased delivery; nothing if it has ended or another lease has begun.
void give_delivery_back(Tx& tx, const DeliveryRow& leased, WallTime due_at);
/// Fails a pending delivery that cannot be read or sent, and keeps it. `account` and `id` as bytes.
void set_delivery_aside(Tx& tx, std::string_view account, std::string_view id, std::string_view why, WallTime now);
[[nodiscard]] std::optional<DeliveryRow> find_delivery(Tx& tx, const AccountId& account, const DeliveryId& id);
struct DeliveryFilter {
  std::optional<DeliveryStatus> status{};
  std::string event_type{};  ///< Empty: any.
  std::optional<TransactionId> transaction{};
  TimeRange made{};
  std::optional<DeliveryId> before{};  ///< Older than this id.
  int limit = 50;
};
struct DeliveryPage {
  std::vector<DeliveryRow> rows;
  std::optional<DeliveryId> next;  ///< Where the next page begins, if there may be one.
};
/// Those of one endpoint, newest first. A page reads a bounded number of rows, and may be short although there are
/// more.
[[nodiscard]] DeliveryPage deliveries_of(Tx& tx, const AccountId& account, const WebhookEndpointId& endpoint,
                                         const DeliveryFilter& filter);
/// Those about a transaction, to any endpoint, oldest first, made within that range: there is no index by transaction,
/// so the range determines the cost.
[[nodiscard]] std::vector<DeliveryRow> deliveries_about(Tx& tx, const AccountId& account,
                                                        const TransactionId& transaction, const TimeRange& made);
/// A delivery that its endpoint has accepted. Borrows what it names.
struct AcceptedDelivery {
  const AccountId& account;
  const DeliveryId& id;
  int http_status;
  Duration duration;
};
/// Counts and logs the attempt of each that is pending, and turns it delivered: two statements, whatever the number,
/// which is not 0.
void deliver_all(Tx& tx, std::span<const AcceptedDelivery> accepted, WallTime now);
/// Writes status, attempts, due_at, last_*, finished_at, round_start.
void save_delivery(Tx& tx, const DeliveryRow& row);
/// Requeues an endpoint's failed deliveries, due at `now`: the oldest first, at most `limit`. Returns how many.
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
