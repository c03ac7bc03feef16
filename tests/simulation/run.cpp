#include "simulation/run.h"

#include <array>
#include <functional>
#include <numeric>

#include "simulation/applications.h"
#include "simulation/authenticators.h"
#include "simulation/devices.h"
#include "simulation/invariants.h"
#include "simulation/nodes.h"
#include "simulation/passkeys.h"
#include "simulation/persons.h"

namespace countersign::simulation {

namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::uint64_t kBetweenFullChecks = 1000;

std::unique_ptr<Disk> make_disk(const RunOptions& options) {
  switch (options.where) {
    case Where::kMemory:
      return make_memory_disk();
    case Where::kFile:
      return make_file_disk();
    case Where::kNodes:
      return std::make_unique<Nodes>(options.nodes);
  }
  return nullptr;
}

class Run {
 public:
  explicit Run(const RunOptions& options) : world_(options.seed, make_disk(options)) {
    world_.on_crash = [this] { courier_.forget(); };
    world_.on_clock_set_back = [this] { model_.clock_set_back(); };
    model_.endpoints_enabled(0);
    // Clocks of nodes differ, which is the same to the rules as one that was set back.
    if (world_.nodes() != nullptr) model_.clock_set_back();
  }

  void step(std::uint64_t number) {
    world_.trace.begin_step(number);
    let_time_pass();
    const auto process = world_.processes();
    act();
    invariants_.check_touched();
    if (number % kBetweenFullChecks == 0 || world_.processes() != process) invariants_.check_everything();
  }

  /// No more faults and no more actors: all that is queued goes out, in bounded time.
  void drain() {
    world_.set_faults(false);
    applications_.mend_endpoints();
    settle();
    // A lease lives for a minute, and an end is tried again within one; a provider's code lives for ten.
    for (int i = 0; i < 24; ++i) wait(seconds(10));
    providers_.check_ended(model_);
    // A code lives for ten minutes, a lease for one; clocks were set back by at most fifteen at a time.
    const bool nodes = world_.nodes() != nullptr;  // Which take longer, and whose clocks are not set back.
    for (int i = 0; i < (nodes ? 20 : 60); ++i) wait(minutes(1));
    invariants_.check_messages_drained();
    // The schedule of webhooks ends within four days.
    for (int i = 0; i < (nodes ? 30 : 120); ++i) wait(hours(nodes ? 4 : 1));
    invariants_.check_drained(providers_, receivers_);
    invariants_.check_everything();
  }

  World& world() { return world_; }

 private:
  void let_time_pass() {
    // Several nodes get more done in a step.
    const std::size_t dice = world_.chance.below(world_.nodes() != nullptr ? 3000 : 1000);
    if (dice < 700 || dice >= 1000) return;
    if (dice < 970) return world_.clock.advance(world_.chance.up_to(seconds(1)));
    if (dice < 998) return world_.clock.advance(world_.chance.up_to(seconds(15)));
    world_.clock.advance(world_.chance.up_to(minutes(5)));
    world_.tally.count("fault: everything slow for minutes");
  }

  void act() {
    struct Choice {
      std::size_t weight;
      std::function<void()> act;
    };
    static constexpr std::size_t kServing = 400;
    const std::array<Choice, 37> choices{{
        {kServing, [this] { world_.serve(); }},
        {350, [this] { world_.answer(); }},
        {200, [this] { courier_.go_on(); }},
        {12, [this] { courier_.tick(); }},
        {18, [this] { applications_.hold(); }},
        {2, [this] { applications_.cancel(); }},
        {40, [this] { applications_.claim(); }},
        {8, [this] { applications_.poll(); }},
        {30, [this] { applications_.acknowledge(); }},
        {4, [this] { applications_.add_contact(); }},
        {3, [this] { applications_.mend_endpoints(); }},
        {60, [this] { persons_.start(); }},
        {60, [this] { persons_.type_code(); }},
        {12, [this] { persons_.guess(); }},
        {6, [this] { persons_.replay_code(); }},
        {6, [this] { persons_.misplace_code(); }},
        {1, [this] { persons_.deny(); }},
        {10, [this] { authenticators_.enrol(); }},
        {30, [this] { authenticators_.prove(); }},
        {5, [this] { authenticators_.replay(); }},
        {3, [this] { authenticators_.misuse(); }},
        {3, [this] { authenticators_.remove(); }},
        {6, [this] { authenticators_.make_codes(); }},
        {20, [this] { authenticators_.use_code(); }},
        {3, [this] { authenticators_.misuse_code(); }},
        {8, [this] { passkeys_.enrol(); }},
        {30, [this] { passkeys_.prove(); }},
        {6, [this] { passkeys_.replay(); }},
        {5, [this] { passkeys_.misuse(); }},
        {1, [this] { passkeys_.remove(); }},
        {25, [this] { devices_.enrol(); }},
        {50, [this] { devices_.prove(); }},
        {8, [this] { devices_.spam(); }},
        {6, [this] { devices_.replay(); }},
        {1, [this] { devices_.remove(); }},
        {1, [this] { world_.crash(); }},
        {2, [this] { world_.jump_clock(); }},
    }};
    static const std::size_t total = std::accumulate(choices.begin(), choices.end(), std::size_t{0},
                                                     [](std::size_t sum, const Choice& c) { return sum + c.weight; });
    if (world_.nodes() != nullptr && world_.chance.one_in(40)) return crowd();
    // Where much waits already, nobody new comes.
    if (world_.queued() > 60) return world_.chance.percent(60) ? world_.serve() : world_.answer();
    std::size_t dice = world_.chance.below(total);
    for (const auto& choice : choices) {
      if (dice < choice.weight) return choice.act();
      dice -= choice.weight;
    }
  }

  /// Many at once.
  void crowd() {
    const std::size_t what = world_.chance.below(3);
    const std::size_t many = 2 + world_.chance.below(5);
    for (std::size_t i = 0; i < many; ++i) {
      if (what == 0) applications_.hold();
      if (what == 1) persons_.start();
      if (what == 2) persons_.guess();
    }
  }

  void settle() {
    while (!world_.idle() || !courier_.idle()) {
      while (!world_.idle()) {
        world_.serve();
        world_.answer();
      }
      courier_.go_on();
    }
    invariants_.check_touched();
  }

  void wait(Duration by) {
    world_.clock.advance(by);
    courier_.tick();
    settle();
  }

  World world_;
  Model model_{world_.tally};
  Providers providers_{world_};
  Receivers receivers_{world_};
  Courier courier_{world_, model_, providers_, receivers_};
  Scene scene_{world_, model_, providers_, receivers_, courier_};
  Applications applications_{scene_};
  Persons persons_{scene_};
  Authenticators authenticators_{scene_};
  Passkeys passkeys_{scene_};
  Devices devices_{scene_};
  Invariants invariants_{world_, model_};
};

}  // namespace

RunResult run(const RunOptions& options) {
  RunResult result;
  Run simulation(options);
  auto& trace = simulation.world().trace;
  try {
    for (result.steps = 0; result.steps < options.steps; ++result.steps) simulation.step(result.steps + 1);
    simulation.drain();
  } catch (const Violation& violation) {
    result.violation = violation.text;
  } catch (const std::exception& broken) {
    result.violation = broken.what();
  }
  if (result.violation) {
    result.last.assign(trace.last().begin(), trace.last().end());
  }
  result.digest = trace.digest();
  if (auto* nodes = simulation.world().nodes(); nodes != nullptr) {
    const auto stats = nodes->stats();
    auto& tally = simulation.world().tally;
    tally.count("nodes: commits", stats.commits);
    tally.count("nodes: units put off", stats.put_off);
    tally.count("nodes: batches repeated", stats.repeated_batches);
    tally.count("nodes: conflicts", stats.conflicts);
    tally.count("nodes: commits looked up", stats.doubtful_commits);
  }
  result.tally = simulation.world().tally;
  return result;
}

}  // namespace countersign::simulation
