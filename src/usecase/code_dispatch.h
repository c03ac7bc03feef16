#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/worker.h"
#include "delivery/breaker.h"
#include "delivery/fair_queue.h"
#include "store/store.h"
#include "usecase/courier_hooks.h"
#include "usecase/providers.h"
#include "usecase/work_messages.h"

namespace countersign::usecase {

/// Hands codes to their providers: each provider takes so many at a time, accounts take turns, a provider that fails is
/// left alone for a while, and nothing is handed over that another node may have taken on by then. What came of it is
/// written down, all that has ended meanwhile in one unit. Thread-safe. [ADR 21]
class CodeDispatch {
 public:
  /// All arguments outlive it. `worker` runs what follows the provider's and the store's answers.
  CodeDispatch(store::Store& store, const Context& context, const Providers& providers, Clock& clock, Random& random,
               const CourierHooks& hooks, Worker& worker, delivery::FairQueueLimits limits);

  /// Sends it, now or when its turn has come. The message is leased to this node.
  void deliver(QueuedMessage message);
  /// About every second: gives back what did not get its turn in time, and starts what may start by now.
  void tick();
  /// Nothing starts any more; what waits is given back.
  void close();
  /// Nothing is under way, and all that was is written down.
  [[nodiscard]] bool idle() const;

 private:
  using Outcome = Result<delivery::Accepted, delivery::ProviderError>;
  using Taken = delivery::FairQueue<QueuedMessage>::Taken;
  struct Writes {
    std::vector<SentMessage> sent;
    std::vector<QueuedMessage> back;
  };

  void pump();
  void start(Taken taken, bool tried);
  void ended(QueuedMessage message, bool tried, bool called, Outcome outcome);
  void give_back_waiting(bool all);
  void flush_soon();
  void flush();
  template <class Then>
  void write_down(std::shared_ptr<Writes> writes, Then then);
  void one_by_one(Writes& writes);
  void report(std::string_view what) const;

  store::Store& store_;
  const Context& context_;
  const Providers& providers_;
  Clock& clock_;
  Random& random_;
  const CourierHooks& hooks_;
  Worker& worker_;
  mutable std::mutex mutex_;
  // Guarded by mutex_:
  delivery::FairQueue<QueuedMessage> queue_;
  std::map<std::string, delivery::Breaker, std::less<>> breakers_;  ///< By provider.
  Writes writes_;          ///< What flush() writes down next; one such unit at a time.
  bool flushing_ = false;  ///< flush() is to come or under way.
  int writing_ = 0;        ///< Units under way.
  bool pumping_ = false;   ///< pump() is to come on the worker.
  bool closed_ = false;
};

}  // namespace countersign::usecase
