#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/random.h"
#include "simulation/chance.h"
#include "simulation/disk.h"
#include "simulation/fraud.h"
#include "store/repository/events.h"
#include "unit/store/breaking_proxy.h"
#include "usecase/work.h"

namespace countersign::simulation {

/// How far a node's clock may be ahead of the others'.
inline constexpr Duration kSkewMax = std::chrono::seconds(2);

/// Several servers on one PostgreSQL, each with a store, connections, ids of events and a clock of its own, and threads
/// that run at the same time: the seed decides who asks which node for what, and what breaks; in what order their
/// statements meet it does not decide.
///
/// store() belongs to none of them: it looks, and furnishes.
class Nodes final : public Disk {
 public:
  explicit Nodes(std::size_t count);
  ~Nodes() override;

  store::Store& store() override { return *observer_; }
  [[nodiscard]] bool groups() const override { return false; }
  void lose_power_after(int) override {}
  [[nodiscard]] bool has_power() const override { return true; }
  void fill(bool) override {}
  void break_syncs(bool) override {}
  void crash(Chance&) override {}
  [[nodiscard]] Nodes* nodes() override { return this; }

  /// With what they have in common; before the first request.
  void set_up(const usecase::Settings& settings, const store::Vault& vault);

  struct Node {
    explicit Node(const std::filesystem::path& socket) : proxy(socket) {}
    store::BreakingProxy proxy;
    std::vector<std::unique_ptr<FraudMemory>> fraud;  ///< Of each of its processes; the last one runs.
    std::unique_ptr<store::Store> store;
    usecase::Settings settings;
    std::unique_ptr<store::EventIds> event_ids;
    std::unique_ptr<usecase::Context> context;
    Duration skew{};
  };
  [[nodiscard]] std::size_t count() const { return nodes_.size(); }
  [[nodiscard]] Node& at(std::size_t node) { return *nodes_.at(node); }

  /// The node's next commit is cut off: before or after it has been carried out. It goes on, with another connection …
  void cut_commit(std::size_t node, bool carried_out);
  /// … or it ends there: from now on, wherever that is in what it does. To be followed by restart().
  void end_at_commit(std::size_t node, bool carried_out);
  /// The node's next commit arrives only when the node has looked it up, and perhaps done it again.
  void delay_commit(std::size_t node);
  /// Starts it again, once it has answered all that it was asked.
  void restart(std::size_t node);
  /// Those that have not come to pass.
  void forget_cuts();

  /// Which of these requests, by number, has left a mark; its place (Terms::place). Waits for commits on their way.
  [[nodiscard]] std::map<std::uint64_t, std::uint64_t> marks();

  /// Reads the account's events by a cursor, as a client does, while nodes write.
  void begin_polling(const AccountId& account);
  void end_polling();  ///< At the end of the list.
  [[nodiscard]] const std::set<EventId>& polled() const { return polled_; }

  [[nodiscard]] store::StoreStats stats() const;

  std::atomic<std::uint64_t> order = 0;

 private:
  static void begin_process(Node& node, const store::Vault& vault);
  std::size_t poll();

  const std::string url_;
  std::vector<std::unique_ptr<Node>> nodes_;
  store::StoreStats ended_;  ///< Of stores that are closed.
  std::unique_ptr<store::Store> observer_;
  std::thread ender_;  ///< Or who passes on what was late.
  std::atomic<bool> ender_may_go_{false};
  std::optional<AccountId> account_;
  std::atomic<bool> polls_ = false;
  std::thread poller_;
  std::set<EventId> polled_;
  std::optional<EventId> cursor_;
};

}  // namespace countersign::simulation
