#include <algorithm>
#include <ranges>

#include "simulation/game/adversary.h"

// What he does with passkeys and security keys.
namespace countersign::simulation::game {

void Adversary::take_key() {
  Table& t = table_;
  if (victim().key == kNone) return;
  auto& key = t.at(victim().key);
  if (key.his) return;
  if (key.synced) {  // Her account in the cloud: another device of his has it, with his own face.
    key.his = key.his_verifies = true;
    key.copy = key.device;
    t.say("he has {} on a device of his", key.name);
    return t.tally.count("synced passkeys taken");
  }
  if (key.hers && t.chance.one_in(6)) {
    key.his = true;
    key.his_verifies = key.verifies;
    key.copy = key.device;
    key.cloned = true;
    t.say("he has a copy of {}", key.name);
    return t.tally.count("keys cloned");
  }
  key.his = true;
  key.hers = false;
  key.his_verifies = key.verifies && t.chance.one_in(4);  // He has seen her PIN.
  t.say("he has {} in his hands{}", key.name, key.his_verifies ? ", and its PIN" : "");
  t.tally.count("keys stolen");
}

void Adversary::replay(Deal& deal) {
  Table& t = table_;
  std::vector<const Assertion*> old;
  for (const auto& one : t.assertions) {
    if (one.deal != deal.id && t.referee.living(deal.identity, one.key, t.now()) != nullptr) old.push_back(&one);
  }
  if (old.empty()) return;
  t.replay(deal, Assertion(*t.chance.pick(old)));
  if (deal.verified && !deal.operation && session()) t.claim(deal, Who::kAdversary);
}

void Adversary::forge(Deal& deal) {
  if (victim().key == kNone) return;
  const std::size_t times = 1 + table_.chance.below(20);
  for (std::size_t i = 0; i < times; ++i) table_.forge(deal, victim().key);
  if (deal.verified && !deal.operation && session()) table_.claim(deal, Who::kAdversary);
}

void Adversary::use_old_key(Deal& deal) {
  Table& t = table_;
  std::vector<std::size_t> over;
  for (const auto& source : t.sources) {
    const bool can = source.thing == Thing::kKey && source.his && source.confirmed;
    if (can && t.referee.living(deal.identity, source.id, t.now()) == nullptr) over.push_back(source.id);
  }
  if (over.empty()) return;
  t.check_key(deal, Who::kAdversary, t.chance.pick(over), deal.his_link);
  if (deal.verified && !deal.operation && session()) t.claim(deal, Who::kAdversary);
}

void Adversary::use_what_he_added() {
  Table& t = table_;
  t.wait(std::chrono::seconds(31 + t.chance.below(60)));
  Table::Wish wish{victim_, Who::kAdversary, victim().service, t.chance.percent(50) ? "two" : "line-and-key"};
  wish.policy = t.product.policy(wish.policy_name);
  if (Deal* next = t.hold(wish); next != nullptr) answer_all(*next);
}

}  // namespace countersign::simulation::game
