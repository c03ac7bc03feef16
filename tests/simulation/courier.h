#pragma once

#include <functional>
#include <vector>

#include "simulation/model.h"
#include "simulation/providers.h"
#include "simulation/receivers.h"
#include "simulation/world.h"
#include "usecase/work_deliveries.h"
#include "usecase/work_messages.h"

namespace countersign::simulation {

/// What usecase::Courier does with threads and sockets, one thing at a time: the same units of work, in the same order,
/// between the database and those outside. What is under way is in memory, and a crash forgets it.
class Courier {
 public:
  Courier(World& world, Model& model, Providers& providers, Receivers& receivers)
      : world_(world), model_(model), providers_(providers), receivers_(receivers) {}

  void deliver(usecase::QueuedMessage message);
  void ask(usecase::AskProvider asked);
  void tick();   ///< Looks for what is due.
  void go_on();  ///< One call that is under way.
  void forget() { under_way_.clear(); }
  [[nodiscard]] bool idle() const { return under_way_.empty(); }

 private:
  struct Call {
    WallTime not_before;
    std::function<void()> make;
  };
  void begin(std::function<void()> make);
  void finish(usecase::SentMessage sent);
  void give_back(const usecase::QueuedMessage& message);
  void post(usecase::WebhookJob job);
  void report(const usecase::QueuedMessage& message, const std::string& ref);

  World& world_;
  Model& model_;
  Providers& providers_;
  Receivers& receivers_;
  std::vector<Call> under_way_;
};

}  // namespace countersign::simulation
