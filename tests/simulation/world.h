#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "crypto/digest.h"
#include "crypto/sealing.h"
#include "simulation/chance.h"
#include "simulation/disk.h"
#include "simulation/faults.h"
#include "simulation/fraud.h"
#include "simulation/nodes.h"
#include "simulation/request.h"
#include "simulation/tally.h"
#include "simulation/trace.h"
#include "store/repository/events.h"
#include "support/fake_time.h"
#include "unit/store/queue_executor.h"
#include "usecase/passkey/asked_lately.h"
#include "usecase/work.h"

namespace countersign::simulation {

/// The server of a run, in one thread: requests wait, are served singly or several per commit, and are answered some
/// time later; a crash loses everything that is not in the database. Time moves only when told to.
class World {
 public:
  World(std::uint64_t seed, std::unique_ptr<Disk> disk);
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  /// Sends a request. `unit` is `Outcome(Tx&, Moment&)`. `seen` is `void(const Outcome&, WallTime)`: it runs
  /// for what was committed, at once and whoever else hears of it, and says at what time the unit ran: the eye of the
  /// model. `told` is `void(const Outcome*)`: the rest of the server's work and the client, some time after the commit;
  /// null when there is no answer, and then nobody knows whether it took place.
  template <class Unit, class Seen, class Told>
  void ask(std::string label, Unit unit, Seen seen, Told told) {
    waiting_.push_back(std::make_shared<RequestOf<Unit, Seen, Told>>(std::move(label), std::move(unit), std::move(seen),
                                                                     std::move(told)));
  }

  void serve();   ///< Some of the waiting requests, if any.
  void answer();  ///< One of the committed ones, if any.
  [[nodiscard]] bool idle() const { return waiting_.empty() && answers_.empty(); }
  [[nodiscard]] std::size_t queued() const { return waiting_.size() + answers_.size(); }

  /// Kills the process and starts another one. `on_crash` clears the memory of the server's other parts.
  void crash();
  std::function<void()> on_crash;
  std::function<void()> on_clock_set_back;

  // Faults, between crashes.
  void jump_clock();
  void set_faults(bool on) { faults_ = on; }
  [[nodiscard]] bool faults() const { return faults_; }

  /// What is in the database now, without faults.
  template <class Unit>
  auto look(Unit unit) {
    using Outcome = std::invoke_result_t<Unit&, store::Tx&>;
    std::optional<Violation> violation;  // The store would take it for a failure of its own.
    const auto result = disk_->store().read_now([&](store::Tx& tx) {
      try {
        return std::optional<Outcome>(unit(tx));
      } catch (const Violation& found) {
        violation.emplace(found);
        return std::optional<Outcome>();
      }
    });
    if (violation) throw *violation;
    require(result.has_value(), Invariant::kNothingLost, "the database cannot be read: {}",
            result ? "" : result.error().detail);
    return **result;
  }
  /// Work of the furnishing, without faults.
  template <class Unit>
  auto now_in(Unit unit) {
    auto result = disk_->store().transact_now([&](store::Tx& tx) {
      Moment moment{clock.now(), random};
      return unit(tx, moment);
    });
    CS_CHECK(result.has_value());
    return *std::move(result);
  }

  void note(const std::string& text) { trace.note(clock.now(), text); }
  [[nodiscard]] WallTime now() const { return clock.now(); }
  [[nodiscard]] std::uint64_t commits() const { return commits_; }
  [[nodiscard]] std::uint64_t processes() const { return processes_; }  ///< Started so far.
  /// The earliest time that the clock has shown since the process began: a lower bound for the ids of its events.
  [[nodiscard]] WallTime event_floor() const { return event_floor_; }

  Chance chance;
  testing::FakeClock clock;
  testing::SeededRandom random;
  const bool has_tight_budget;  ///< In a fifth of the seeds what messages may cost is spent in the run.
  Trace trace;
  Tally tally;
  usecase::Settings settings;
  AccountId account{};

  /// Of several nodes, that of the one whose unit runs on this thread.
  [[nodiscard]] const usecase::Context& context() const;
  [[nodiscard]] Nodes* nodes() { return disk_->nodes(); }
  [[nodiscard]] usecase::Caller caller(std::string_view actor) const {
    // Where nodes count together, people share a network.
    const bool shares = disk_->nodes() != nullptr && actor == "person";
    return {account, std::string(actor), "request", shares ? IpAddress::parse("192.0.2.7") : std::nullopt};
  }

 private:
  std::optional<Breakage> draw_breakage();
  void run_batch(std::vector<std::shared_ptr<Request>> batch);
  // With several nodes (world_nodes.cpp):
  void run_on_nodes(const std::vector<std::shared_ptr<Request>>& batch);
  void find_doubtful(const std::vector<std::shared_ptr<Request>>& batch, std::vector<std::shared_ptr<Request>>& done);
  void crash_node(std::size_t node);
  void jump_clock_of_a_node();
  void settle(const std::vector<std::shared_ptr<Request>>& batch);
  void reopen();
  void begin_process();
  void settle_doubtful();

  std::vector<std::unique_ptr<FraudMemory>> fraud_;  ///< Of each process; lost in a crash.
  std::unique_ptr<Disk> disk_;
  crypto::Sealer sealer_;
  crypto::Digester digester_;
  std::optional<store::EventIds> event_ids_;
  usecase::Context context_;
  std::unique_ptr<usecase::AskedLately> asked_;  ///< Lost in a crash.
  store::QueueExecutor home_;
  bool faults_ = true;
  WallTime event_floor_{};
  std::deque<std::shared_ptr<Request>> waiting_;
  std::vector<std::shared_ptr<Request>> answers_;
  std::vector<std::shared_ptr<Request>> doubtful_;  ///< Refused since the last commit, but possibly on the disk.
  std::int64_t batch_ = 0;
  std::uint64_t commits_ = 0;
  std::uint64_t processes_ = 1;
  std::uint64_t requests_ = 0;  ///< Of nodes.
};

}  // namespace countersign::simulation
