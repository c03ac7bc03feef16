#pragma once

#include <mutex>
#include <vector>

#include "base/worker.h"
#include "delivery/fair_queue.h"
#include "delivery/webhook_sender.h"
#include "store/store.h"
#include "usecase/courier_hooks.h"
#include "usecase/work_deliveries.h"

namespace countersign::usecase {

/// Sends webhooks: so many at a time to one endpoint and of one account, accounts take turns, and nothing is sent that
/// another node may have taken on by then. Thread-safe. [ADR 21]
class WebhookDispatch {
 public:
  static constexpr delivery::FairQueueLimits kLimits{
      .running_max = 128, .running_per_lane_max = 4, .running_per_account_max = 32, .waiting_per_line_max = 500};

  /// All arguments outlive it. `worker` runs what follows the answers of endpoint and store.
  WebhookDispatch(store::Store& store, const Context& context, delivery::WebhookSender& sender, Clock& clock,
                  Random& random, const CourierHooks& hooks, Worker& worker);

  /// Sends it, now or when its turn has come. The delivery is leased to this node.
  void send(WebhookJob job);
  /// About every second: gives back what did not get its turn in time.
  void tick() { give_back_waiting(false); }
  /// Nothing starts any more; what waits is given back.
  void close();
  /// Nothing is under way, and all that was is written down.
  [[nodiscard]] bool idle() const;

 private:
  void pump();
  void start(WebhookJob job);
  void write_down(const store::DeliveryRow& row, const delivery::WebhookOutcome& outcome, Follow follow);
  void give_back_waiting(bool all);
  void give_back_jobs(std::vector<WebhookJob> jobs);
  template <class Work, class Then>
  void transact(Work work, Then then);
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
  int writing_ = 0;  ///< Units under way.
  bool pumping_ = false;
  bool closed_ = false;
};

}  // namespace countersign::usecase
