#pragma once

#include <functional>
#include <vector>

#include "simulation/model.h"
#include "simulation/providers.h"
#include "simulation/receivers.h"
#include "simulation/world.h"
#include "store/repository/upstream_ends.h"
#include "usecase/outbox/work_deliveries.h"
#include "usecase/outbox/work_messages.h"

namespace countersign::simulation {

/// Does the work of usecase::Courier without threads and sockets, one step at a time: the same units of work, in the
/// same order, between the database and external systems. Calls in flight, and results not written yet, are in memory
/// and lost in a crash.
class Courier {
 public:
  Courier(World& world, Model& model, Providers& providers, Receivers& receivers)
      : world_(world), model_(model), providers_(providers), receivers_(receivers) {}

  void deliver(usecase::QueuedMessage message);
  void ask(usecase::AskProvider asked);
  void tick();   ///< Looks for due work.
  void go_on();  ///< Continues one call in flight.
  void forget() {
    under_way_.clear();
    sent_.clear();
    attempted_.clear();
  }
  [[nodiscard]] bool idle() const { return under_way_.empty(); }

 private:
  struct Call {
    WallTime not_before;
    std::function<void()> make;
  };
  void begin(std::function<void()> make);
  void end_upstream(const store::UpstreamEndRow& row);
  void finish(usecase::SentMessage sent);
  void write_down_sent();
  void write_down_attempted();
  void give_back(const usecase::QueuedMessage& message);
  void post(usecase::WebhookJob job);
  void report(const usecase::QueuedMessage& message, const std::string& ref);

  World& world_;
  Model& model_;
  Providers& providers_;
  Receivers& receivers_;
  std::vector<Call> under_way_;
  // Bundles: what has ended, until a call in flight writes all of it down.
  std::vector<usecase::SentMessage> sent_;
  std::vector<usecase::AttemptedDelivery> attempted_;
};

}  // namespace countersign::simulation
