#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string_view>

#include "base/worker.h"
#include "delivery/webhook_sender.h"
#include "store/store.h"
#include "usecase/context.h"
#include "usecase/work_deliveries.h"

namespace countersign::usecase {

/// Does for test accounts what the courier does for live ones, by the clock of each: several times a second, and when
/// nudged, it works off what has come due meanwhile and sends their webhooks, a few at a time. It never knows a
/// provider. Thread-safe.
class TestWorker {
 public:
  static constexpr std::size_t kWebhooksAtOnce = 8;  ///< Of all accounts.

  /// All arguments outlive it. `on_problem` runs on background threads; must not block or throw.
  TestWorker(store::Store& store, const Context& context, delivery::WebhookSender& webhooks, Clock& clock,
             Random& random, std::function<void(std::string_view)> on_problem);
  ~TestWorker() { stop(); }

  void nudge() { worker_.nudge(); }
  /// Waits for nothing that is under way at an endpoint: its lease runs out.
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
  std::size_t units_ = 0;  ///< Under way of one look, the look itself included; of the worker's thread alone.
  std::optional<MonotonicTime> looked_at_;
  std::mutex mutex_;
  std::set<DeliveryId> under_way_;  ///< Guarded by mutex_. A clock that is moved ends their leases early.
  Worker worker_;
};

}  // namespace countersign::usecase
