#include <algorithm>
#include <set>

#include "domain/budget.h"
#include "simulation/furnish.h"
#include "simulation/invariants.h"
#include "simulation/providers.h"
#include "store/repository/counters.h"
#include "store/repository/risk_decisions.h"
#include "usecase/spending/outlay.h"

namespace countersign::simulation {

namespace {

std::optional<domain::Window> spent_of(store::Tx& tx, const AccountId& account) {
  const auto all = store::all_spent(tx, account);
  const auto found = all.find(usecase::spent_by_account());
  return found == all.end() ? std::nullopt : std::optional(found->second);
}

bool are_of_one_day(const std::vector<WallTime>& times) {
  const auto [first, last] = std::ranges::minmax_element(times);
  return first == times.end() || domain::day_begin(*first) == domain::day_begin(*last);
}

}  // namespace

/// Of all nodes together: never more than the budget and its reserve, which is for people who have proved the line.
void Invariants::compare_money(store::Tx& tx) const {
  const auto spent = spent_of(tx, world_.account);
  const auto [budget, reserve] = messages_a_day(world_);
  const auto messages = spent ? spent->count / kMessageCosts : 0;
  require(messages <= budget + reserve, Invariant::kAttempts, "{} messages are paid of {} and {}", messages, budget,
          reserve);
  if (!are_of_one_day(model_.sends)) return;
  require(messages >= model_.paid, Invariant::kNothingLost, "{} messages are paid, and {} were begun", messages,
          model_.paid);
  require(model_.paid_by_strangers <= budget, Invariant::kAttempts,
          "{} messages to people who had not proved the line, of {}", model_.paid_by_strangers, budget);
}

/// What a provider was asked for stays paid.
void Invariants::compare_money_with(const Providers& providers) const {
  if (!are_of_one_day(model_.sends)) return;
  const auto spent = world_.look([&](store::Tx& tx) { return spent_of(tx, world_.account); });
  const auto messages = spent ? spent->count / kMessageCosts : 0;
  require(messages >= providers.asked(), Invariant::kNothingLost, "{} messages are paid, and {} were asked for",
          messages, providers.asked());
}

/// A process that ends forgets the last second of them: each is there once, or not.
void Invariants::compare_decisions(store::Tx& tx) const {
  std::set<DecisionId> known;
  std::set<TransactionId> held;
  std::string after;
  do {
    after = store::read_decisions(tx, world_.account, {}, after, 100, [&](const risk::Record& record) {
      require(known.insert(record.id).second, Invariant::kAudit, "decision {} is recorded twice", record.id.text());
      if (record.decision.point != risk::Point::kHold) return;
      require(held.insert(*record.transaction).second, Invariant::kAudit, "two decisions about the hold of {}",
              record.transaction->text());
      require(model_.transactions.contains(*record.transaction), Invariant::kAudit,
              "a decision about the hold of {}, which nobody knows", record.transaction->text());
    });
  } while (!after.empty());
}

}  // namespace countersign::simulation
