#include <algorithm>
#include <array>

#include "simulation/furnish.h"
#include "simulation/invariants.h"
#include "simulation/nodes.h"

namespace countersign::simulation {

/// Whoever reads by a cursor while nodes write has all events.
void Invariants::compare_with_poller() const {
  const auto& polled = world_.nodes()->polled();
  for (const auto& id : known_events_) {
    require(polled.contains(id), Invariant::kAudit, "event {} became visible behind the cursor of a reader", id.text());
  }
  require(polled.size() == known_events_.size(), Invariant::kAudit, "a reader has {} events, and there are {}",
          polled.size(), known_events_.size());
}

/// No more than the limit, and all that was sent in the window.
void Invariants::compare_counters(store::Tx& tx) const {
  struct Counter {
    std::string_view key;  ///< How it begins.
    domain::Rate rate;
  };
  static constexpr std::array kCounters{Counter{"send account", kSendsOfAccount},
                                        Counter{"send country ", kSendsOfCountry}, Counter{"send ip ", kSendsOfNetwork},
                                        Counter{"check ip ", kChecksOfNetwork}};
  static const store::Sql kRead{"SELECT counter_key, window_start, count FROM counters WHERE account_id = ?1"};
  tx.all(kRead, {world_.account}, [&](const store::Row& row) {
    const auto key = row.blob(0);
    const auto counter = std::ranges::find_if(kCounters, [&](const Counter& c) { return key.starts_with(c.key); });
    if (counter == kCounters.end()) return;
    const auto start = row.time(1);
    const auto count = row.integer(2);
    require(count <= counter->rate.max, Invariant::kAttempts, "{}: {} where {} are allowed", counter->key, count,
            counter->rate.max);
    if (counter->key != "send account") return;
    const auto sent_since = [&](Duration later) {
      return std::ranges::count_if(model_.sends, [&](WallTime at) { return at >= start + later; });
    };
    // Nodes' clocks differ: one may count in a window that begins later by its own.
    const Duration apart = kSkewMax + std::chrono::milliseconds(1);
    require(sent_since(apart) <= count && count <= sent_since(-apart), Invariant::kNothingLost,
            "{}: {} counted, and {} to {} sent", counter->key, count, sent_since(apart), sent_since(-apart));
  });
}

}  // namespace countersign::simulation
