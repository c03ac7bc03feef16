#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "base/worker.h"
#include "delivery/fair_queue.h"
#include "delivery/webhook_sender.h"
#include "store/store.h"
#include "usecase/background.h"
#include "usecase/outbox/courier_hooks.h"
#include "usecase/outbox/work_deliveries.h"

namespace countersign::usecase {

/// Sends webhooks. Limits concurrent requests per endpoint and per account, takes accounts in turn, and never starts a
/// webhook after its lease has run out. Writes all results that have arrived meanwhile in one unit. Thread-safe. [ADR
/// 21, 34]
class WebhookDispatch {
 public:
  static constexpr delivery::FairQueueLimits kLimits{
      .running_max = 128, .running_per_lane_max = 4, .running_per_account_max = 32, .waiting_per_line_max = 500};

  /// All arguments outlive it. `worker` runs the continuations of endpoint and store calls.
  WebhookDispatch(const Background& with, delivery::WebhookSender& sender, const CourierHooks& hooks, Worker& worker);

  /// Sends the webhook now or when its account's turn comes. This node holds the lease on the delivery.
  void send(WebhookJob job);
  /// Call about every second: gives back webhooks that waited too long.
  void tick() { give_back_waiting(false); }
  /// Starts no more webhooks and gives back those that wait.
  void close();
  /// No webhook is in progress, and all results are written.
  [[nodiscard]] bool idle() const;

 private:
  void pump();
  void start(WebhookJob job);
  using Attempted = std::vector<AttemptedDelivery>;
  void flush_soon();
  void flush();
  void write_down(std::shared_ptr<const Attempted> attempted, Follow follow, std::function<void()> then);
  void one_by_one(const Attempted& attempted);
  void give_back_waiting(bool all);
  void give_back_jobs(std::vector<WebhookJob> jobs);
  template <class Unit, class Then>
  void transact(Unit unit, Then then);
  void report(std::string_view what, const store::StoreError& error) const;

  store::Store& store_;
  const Context& context_;
  delivery::WebhookSender& sender_;
  Clock& clock_;
  Random& random_;
  const CourierHooks& hooks_;
  Worker& worker_;
  mutable std::mutex mutex_;
  // Guarded by mutex_:
  delivery::FairQueue<WebhookJob> queue_{kLimits};
  Attempted attempted_;    ///< What flush() writes next; one such unit at a time.
  bool flushing_ = false;  ///< A flush() is scheduled or running.
  int writing_ = 0;        ///< Units in progress.
  bool pumping_ = false;
  bool closed_ = false;
};

}  // namespace countersign::usecase
