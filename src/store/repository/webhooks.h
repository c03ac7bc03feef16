#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "store/repository/vault.h"
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
};

void insert_endpoint(Tx& tx, const EndpointRow& row);
[[nodiscard]] std::vector<EndpointRow> endpoints_of(Tx& tx, const AccountId& account);
[[nodiscard]] std::optional<EndpointRow> find_endpoint(Tx& tx, const AccountId& account, const WebhookEndpointId& id);
[[nodiscard]] bool delete_endpoint(Tx& tx, const AccountId& account, const WebhookEndpointId& id);
void disable_endpoint(Tx& tx, const AccountId& account, const WebhookEndpointId& id, std::string_view reason);

enum class DeliveryStatus : std::uint8_t { kPending, kDelivered, kFailed };
[[nodiscard]] std::string_view to_text(DeliveryStatus status);

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
};

void insert_delivery(Tx& tx, const DeliveryRow& row);
[[nodiscard]] std::vector<DeliveryRow> lease_deliveries(Tx& tx, WallTime now, WallTime lease_until,
                                                        std::string_view owner, int limit);
[[nodiscard]] std::optional<DeliveryRow> find_delivery(Tx& tx, const AccountId& account, const DeliveryId& id);
/// Of one endpoint, newest first, older than `before`.
[[nodiscard]] std::vector<DeliveryRow> deliveries_of(Tx& tx, const AccountId& account,
                                                     const WebhookEndpointId& endpoint,
                                                     const std::optional<DeliveryId>& before, int limit);
/// Writes status, attempts, due_at, last_*, finished_at.
void save_delivery(Tx& tx, const DeliveryRow& row);

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
