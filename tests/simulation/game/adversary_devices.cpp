#include <algorithm>

#include "simulation/game/adversary.h"

// What he does with browsers that are asked, and with phones that say yes.
namespace countersign::simulation::game {

void Adversary::take_device() {
  Table& t = table_;
  for (const auto device : {victim().device, victim().phone}) {
    if (device == kNone || t.at(device).his || t.chance.percent(50)) continue;
    t.at(device).his = true;
    t.at(device).hers = false;
    t.say("he has {} in his hands, unlocked", t.at(device).name);
    return t.tally.count("devices stolen");
  }
}

void Adversary::wear_down(Deal& deal) {
  Table& t = table_;
  if (!session() || deal.operation) return;
  const std::size_t times = 1 + t.chance.below(6);
  for (std::size_t i = 0; i < times && !deal.over && !deal.verified; ++i) {
    if (t.chance.one_in(3)) t.wait(std::chrono::minutes(t.chance.below(90)));
    if (t.now() >= deal.expires_at) return;
    if (victim().phone != kNone && t.at(victim().phone).hers && t.chance.percent(50)) {
      // She looks away, refuses, or says yes so that it stops. No yes of hers is about what she read.
      const std::size_t what = t.chance.below(3);
      if (what == 0) continue;
      t.check_phone(deal, Who::kAdversary, victim().phone, deal.his_link, what == 1);
    } else if (victim().device != kNone && t.at(victim().device).hers) {
      const auto prompt = t.ask_devices(deal, Who::kAdversary, kNone);
      if (!prompt) continue;
      const std::size_t what = t.chance.below(3);
      if (what == 0) continue;
      const auto number = what == 1 ? std::optional(fmt::format("{:06}", t.chance.below(1'000'000))) : std::nullopt;
      t.answer_prompt(deal, Who::kPerson, victim().device, *prompt, number, false, false);
    }
  }
  t.tally.count("people worn down");
  if (deal.verified && t.chance.percent(70)) t.claim(deal, Who::kAdversary);
}

void Adversary::sit_in_asking_browser(Deal& deal) {
  Table& t = table_;
  std::vector<std::size_t> his;
  for (const auto source : held()) {
    if (t.at(source).thing == Thing::kDevice) his.push_back(source);
  }
  if (his.empty()) return;
  const std::size_t asking = t.chance.pick(his);
  const auto prompt = t.ask_devices(deal, Who::kAdversary, asking);
  if (!prompt) return;
  t.tally.count("asking browsers that answer themselves");
  // It reads the number beside itself: what it says counts for nothing.
  t.answer_prompt(deal, Who::kAdversary, asking, *prompt, prompt->number, false, deal.his_link);
  if (deal.verified && !deal.operation && session()) t.claim(deal, Who::kAdversary);
}

void Adversary::replay_device(Deal& deal) {
  Table& t = table_;
  std::vector<const SignedByDevice*> old;
  for (const auto& one : t.signed_answers) {
    if (one.transaction != deal.id && t.referee.living(deal.identity, one.device, t.now()) != nullptr)
      old.push_back(&one);
  }
  if (old.empty()) return;
  t.replay_device(deal, SignedByDevice(*t.chance.pick(old)));
  if (deal.verified && !deal.operation && session()) t.claim(deal, Who::kAdversary);
}

void Adversary::use_old_device(Deal& deal) {
  Table& t = table_;
  std::vector<std::size_t> over;
  for (const auto& source : t.sources) {
    const bool can =
        (source.thing == Thing::kDevice || source.thing == Thing::kPhone) && source.his && source.confirmed;
    if (can && t.referee.living(deal.identity, source.id, t.now()) == nullptr) over.push_back(source.id);
  }
  if (over.empty() || (deal.operation && t.at(over.front()).thing == Thing::kPhone)) return;
  t.check_device(deal, Who::kAdversary, t.chance.pick(over), deal.his_link);
  if (deal.verified && !deal.operation && session()) t.claim(deal, Who::kAdversary);
}

}  // namespace countersign::simulation::game
