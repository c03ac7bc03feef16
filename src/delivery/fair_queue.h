#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <functional>
#include <iterator>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/id.h"

namespace countersign::delivery {

struct FairQueueLimits {
  std::size_t running_max = 256;              ///< In progress at a time.
  std::size_t running_per_lane_max = 32;      ///< Of these, in one lane.
  std::size_t running_per_account_max = 256;  ///< Of these, of one account.
  std::size_t waiting_per_line_max = 2'000;   ///< Waiting items of one account in one lane.
};

/// The same, where some lanes have a number of their own in place of running_per_lane_max.
struct LaneLimits {
  using Lanes = std::map<std::string, std::size_t, std::less<>>;

  LaneLimits() = default;
  // NOLINTNEXTLINE(google-explicit-constructor)
  LaneLimits(const FairQueueLimits& limits, Lanes lanes_of_their_own = {})
      : all(limits), lanes(std::move(lanes_of_their_own)) {}

  [[nodiscard]] std::size_t running_in(std::string_view lane) const {
    const auto own = lanes.find(lane);
    return own == lanes.end() ? all.running_per_lane_max : own->second;
  }

  FairQueueLimits all = {};
  Lanes lanes = {};
};

/// A queue of deliveries to external systems. A lane is a destination: a provider or an endpoint. Accounts take turns,
/// one item each, so that an account with few items does not wait behind one with many; within an account its lanes
/// take turns; within a lane it is first come, first served. Pure; not thread-safe. [ADR 21]
template <class Item>
class FairQueue {
 public:
  struct Taken {
    AccountId account;
    std::string lane;
    Item item;
  };

  explicit FairQueue(LaneLimits limits) : limits_(std::move(limits)) {}

  /// nullopt if accepted; otherwise returns the item.
  [[nodiscard]] std::optional<Item> push(const AccountId& account, const std::string& lane, Item item) {
    Account& of = accounts_[account];
    auto& line = of.lines[lane];
    if (line.size() >= limits_.all.waiting_per_line_max) return item;
    if (line.empty()) of.turn.push_back(lane);
    line.push_back(std::move(item));
    ++of.waiting;
    ++waiting_;
    if (!std::exchange(of.in_turn, true)) turn_.push_back(account);
    return std::nullopt;
  }

  /// The next item that may start: calls `may_start(lane)` for lanes with room. The item counts as running until
  /// finished().
  template <class MayStart>
  [[nodiscard]] std::optional<Taken> pop(const MayStart& may_start) {
    if (running_ >= limits_.all.running_max) return std::nullopt;
    for (std::size_t left = turn_.size(); left > 0; --left) {
      const AccountId account = turn_.front();
      turn_.pop_front();
      Account& of = accounts_.at(account);
      auto item = of.running < limits_.all.running_per_account_max ? take_from(of, may_start) : std::nullopt;
      of.in_turn = of.waiting > 0;
      if (of.in_turn) turn_.push_back(account);
      if (!item) {
        forget_idle(account);
        continue;
      }
      ++of.running;
      ++running_;
      ++lanes_[item->first];
      return Taken{account, std::move(item->first), std::move(item->second)};
    }
    return std::nullopt;
  }

  void finished(const AccountId& account, const std::string& lane) {
    const auto of = accounts_.find(account);
    const auto running = lanes_.find(lane);
    CS_CHECK(of != accounts_.end() && running != lanes_.end() && of->second.running > 0);
    --of->second.running;
    --running_;
    if (--running->second == 0) lanes_.erase(running);
    forget_idle(account);
  }

  /// Removes all waiting items for which `unwanted(item)`.
  template <class Unwanted>
  [[nodiscard]] std::vector<Item> take_if(const Unwanted& unwanted) {
    std::vector<Item> taken;
    for (auto& [id, of] : accounts_) {
      for (auto line = of.lines.begin(); line != of.lines.end();) {
        auto& items = line->second;
        const auto rest =
            std::stable_partition(items.begin(), items.end(), [&](Item& item) { return !unwanted(item); });
        of.waiting -= static_cast<std::size_t>(std::distance(rest, items.end()));
        std::move(rest, items.end(), std::back_inserter(taken));
        items.erase(rest, items.end());
        if (items.empty()) std::erase(of.turn, line->first);
        line = items.empty() ? of.lines.erase(line) : std::next(line);
      }
    }
    waiting_ -= taken.size();
    return taken;
  }

  [[nodiscard]] std::size_t waiting() const { return waiting_; }
  [[nodiscard]] std::size_t running() const { return running_; }

 private:
  struct Account {
    // Mostly of one element: a deque would take two pieces of memory before the first.
    std::map<std::string, std::list<Item>> lines;
    std::list<std::string> turn;  ///< Its non-empty lanes; each once.
    std::size_t waiting = 0;
    std::size_t running = 0;
    bool in_turn = false;
  };

  template <class MayStart>
  std::optional<std::pair<std::string, Item>> take_from(Account& of, const MayStart& may_start) {
    for (std::size_t left = of.turn.size(); left > 0; --left) {
      std::string lane = std::move(of.turn.front());
      of.turn.pop_front();
      const auto line = of.lines.find(lane);
      CS_CHECK(line != of.lines.end() && !line->second.empty());
      const auto running = lanes_.find(lane);
      const bool room = running == lanes_.end() || running->second < limits_.running_in(lane);
      if (!room || !may_start(lane)) {
        of.turn.push_back(std::move(lane));
        continue;
      }
      Item item = std::move(line->second.front());
      line->second.pop_front();
      --of.waiting;
      --waiting_;
      if (line->second.empty())
        of.lines.erase(line);
      else
        of.turn.push_back(lane);
      return std::pair(std::move(lane), std::move(item));
    }
    return std::nullopt;
  }

  void forget_idle(const AccountId& account) {
    const auto of = accounts_.find(account);
    if (of->second.waiting == 0 && of->second.running == 0 && !of->second.in_turn) accounts_.erase(of);
  }

  const LaneLimits limits_;
  std::map<AccountId, Account> accounts_;
  std::map<std::string, std::size_t> lanes_;  ///< Running items per lane.
  std::deque<AccountId> turn_;                ///< Accounts with waiting items; each at most once.
  std::size_t waiting_ = 0;
  std::size_t running_ = 0;
};

}  // namespace countersign::delivery
