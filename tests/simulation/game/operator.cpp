#include "simulation/game/operator.h"

namespace countersign::simulation::game {

namespace {

const Product::Key kAna{"api:ana", true};
const Product::Key kBruno{"api:bruno", true};

}  // namespace

bool Operator::allow(Table& table, Deal& deal) {
  table.say_about_review(deal, true, kAna);
  if (deal.stopped) table.say_about_review(deal, true, kBruno);
  return !deal.stopped;
}

void Operator::act() {
  Table& t = table_;
  t.product.come_from({});
  const std::size_t deed = t.chance.below(100);
  if (t.fraud.is_spending_stopped()) return t.switch_spending(false, kAna);
  if (deed < 90) return decide();
  if (deed < 93) {
    for (const auto& block : t.product.blocks()) {
      if (t.product.lift(block.id, kAna).yes) t.tally.count("places opened");
    }
    return;
  }
  if (deed < 95) return t.switch_spending(true, kBruno);
  if (deed < 98) {
    t.say("the server is restarted");
    t.look_at_decisions();
    t.product.restart();
    return t.tally.count("servers restarted");
  }
  t.compare_stored_decisions();
}

void Operator::decide() {
  Table& t = table_;
  for (auto& deal : t.deals) {
    // What was refused is refused for good.
    if (deal.stopped && deal.over && t.chance.one_in(6)) t.say_about_review(deal, true, kAna);
    if (!deal.stopped || deal.over || t.chance.percent(50)) continue;
    // He is told who asked, and is fooled now and then.
    const bool yes = deal.asked_by == Who::kPerson ? t.chance.percent(85) : t.chance.percent(25);
    const auto& key = t.chance.percent(50) ? kAna : kBruno;
    if (!yes) {
      t.say_about_review(deal, false, key);
      return;
    }
    t.say_about_review(deal, true, key);
    if (deal.stopped && t.chance.percent(60)) t.say_about_review(deal, true, t.chance.percent(30) ? key : kBruno);
    return;
  }
}

}  // namespace countersign::simulation::game
