#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string_view>

#include "base/worker.h"
#include "delivery/webhook_sender.h"
#include "store/store.h"
#include "usecase/background.h"
#include "usecase/outbox/work_deliveries.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// Does for test accounts what the courier does for live ones, by each account's clock: several times a second, and on
/// nudge(), it processes what is due and sends webhooks, a few at a time. It has no access to providers. Thread-safe.
class TestWorker {
 public:
  static constexpr std::size_t kWebhooksAtOnce = 8;  ///< For all accounts together.

  /// All arguments outlive it. `on_problem` runs on background threads; must not block or throw.
  TestWorker(const Background& with, delivery::WebhookSender& webhooks,
             std::function<void(std::string_view)> on_problem);
  ~TestWorker() { stop(); }

  void nudge() { worker_.nudge(); }
  /// Does not wait for requests in progress at an endpoint: their leases expire.
  void stop() { worker_.stop(); }

 private:
  void look();
  void work(const AccountId& account);
  std::vector<WebhookJob> take_webhooks(store::Tx& tx, const AccountId& account, Moment& moment);
  void send(WebhookJob job);
  void over(const DeliveryId& id);
  void report(std::string_view where, const store::StoreError& error) const;

  store::Store& store_;
  const Context& context_;
  delivery::WebhookSender& webhooks_;
  Clock& clock_;
  Random& random_;
  const std::function<void(std::string_view)> on_problem_;
  std::size_t units_ =
      0;  ///< Units of the current round in progress, the round itself included; only on the worker's thread.
  std::optional<MonotonicTime> looked_at_;
  std::mutex mutex_;
  std::set<DeliveryId> under_way_;  ///< Guarded by mutex_. Moving a test clock can end their leases early.
  Worker worker_;
};

}  // namespace countersign::usecase
