#include "simulation/game/adversary.h"

#include <algorithm>
#include <ranges>

namespace countersign::simulation::game {

using contact::Channel;
using std::chrono::minutes;
using std::chrono::seconds;

void Adversary::act() {
  Table& t = table_;
  t.product.come_from(fmt::format("198.51.100.{}", 1 + t.chance.below(12)));
  if (t.chance.one_in(60)) victim_ = t.chance.below(t.persons.size());
  if (!victim().registered && t.chance.percent(95)) return;
  if (t.chance.one_in(25)) return meet_the_engine();
  Deal* held = deal();
  const std::size_t move = t.chance.below(1000);
  if (move < 60) return take();
  if (move < 90) return let_go();
  if (move < 170) return have_held();
  if (move < 185) return have_his_own_held();
  if (move < 230) return give();
  if (move < 270) return remove();
  if (move < 310) return enrol();
  if (move < 380) return confirm();
  if (move < 420) return phish();
  if (move < 440) return by_verify();
  if (move < 441) return flood();
  if (move < 446) return object();
  if (held == nullptr) return;
  if (move < 540) return start(*held);
  if (move < 660) return answer(*held);
  if (move < 780) return answer_all(*held);
  if (move < 800) return guess(*held);
  if (move < 802) return besiege(*held);
  if (move < 900) return add_here(*held);
  if (move < 905 && held->his_link) return t.deny(*held, Who::kAdversary);
  if (move < 910 && session()) return t.cancel(*held, Who::kAdversary);
  if (move < 913) return suspect();
  if (move < 925) return wear_down(*held);
  if (move < 935) return sit_in_asking_browser(*held);
  if (move < 943) return replay_device(*held);
  if (move < 948) return use_old_device(*held);
  if (move >= 960 && move < 980) return decide(*held);
  if (move >= 980 && move < 992) return replay(*held);
  if (move >= 992 && move < 996) return forge(*held);
  if (move >= 996) return use_old_key(*held);
  if (move < 960 && session() && held->verified && !held->operation) return t.claim(*held, Who::kAdversary);
}

Deal* Adversary::deal() {
  Table& t = table_;
  std::vector<Deal*> open;
  for (auto& deal : std::views::reverse(t.deals)) {
    const bool his = deal.his_link || session() || deal.person == kNone;
    const bool there = !deal.over && !deal.claimed && t.now() < deal.expires_at + minutes(5);
    if (there && his && (deal.person == victim_ || deal.person == kNone)) open.push_back(&deal);
  }
  if (open.empty()) return nullptr;
  return t.chance.percent(60) ? open.front() : t.chance.pick(open);
}

std::size_t Adversary::own(Thing thing) {
  Table& t = table_;
  std::vector<std::size_t> mine;
  for (const auto& source : t.sources) {
    if (source.owner == kNone && source.thing == thing && !source.address.starts_with(kForeign))
      mine.push_back(source.id);
  }
  if (mine.empty() || (mine.size() < 30 && t.chance.one_in(4))) return t.make(thing, kNone);
  return t.chance.pick(mine);
}

std::vector<std::size_t> Adversary::held() {
  Table& t = table_;
  std::vector<std::size_t> all;
  for (const auto& source : t.sources) {
    if (source.his && t.referee.living(victim().identity, source.id, t.now()) != nullptr) all.push_back(source.id);
  }
  return all;
}

Channel Adversary::by(std::size_t source) {
  if (table_.at(source).thing == Thing::kMailbox) return Channel::kEmail;
  static constexpr std::array kChannels{Channel::kSms, Channel::kSms, Channel::kWhatsapp, Channel::kCall};
  return kChannels[table_.chance.below(kChannels.size())];
}

void Adversary::take() {
  Table& t = table_;
  Person& she = victim();
  switch (t.chance.below(8)) {
    case 0:
      if (she.line == kNone) return;
      t.at(she.line).his = true;
      t.at(she.line).hers = false;
      t.at(she.line).sim_changed = t.now();
      t.say("he has {} swapped", t.at(she.line).name);
      return t.tally.count("lines swapped");
    case 1:
      if (she.mailbox == kNone) return;
      t.at(she.mailbox).his = true;
      t.say("he reads {}", t.at(she.mailbox).name);
      return t.tally.count("mailboxes read");
    case 2:
      if (she.app == kNone || !t.chance.one_in(3)) return;
      t.at(she.app).his = true;
      t.say("he has the seed of {}", t.at(she.app).name);
      return t.tally.count("seeds stolen");
    case 4:
      if (she.codes == kNone) return;
      t.at(she.codes).his = true;
      t.say("he has copied {}", t.at(she.codes).name);
      return t.tally.count("lists copied");
    case 5:
      return take_key();
    case 6:
      return take_device();
    case 3:
      she.session_stolen = true;
      t.say("he has her session, {}", she.identity);
      return t.tally.count("sessions stolen");
    default:
      for (auto& deal : std::views::reverse(t.deals)) {
        if (deal.person != victim_ || deal.his_link) continue;
        deal.his_link = true;
        t.say("he has the link of {}", deal.id.text().substr(26));
        return t.tally.count("links stolen");
      }
  }
}

void Adversary::let_go() {
  Table& t = table_;
  Person& she = victim();
  if (t.chance.one_in(3)) {
    she.session_stolen = false;
    return t.say("her session is hers again, {}", she.identity);
  }
  for (auto& source : t.sources) {
    const bool in_hand = (source.thing == Thing::kKey && !source.copy) || is_asked(source.thing);
    const bool stays = is_factor(source.thing) && !in_hand;
    if (source.owner != victim_ || !source.his || stays || t.chance.percent(50)) continue;
    source.his = false;
    source.hers = source.hers || source.id == she.line || source.id == she.mailbox || source.id == she.key ||
                  source.id == she.device || source.id == she.phone;
    t.say("{} is hers again", source.name);
  }
}

void Adversary::have_held() {
  Table& t = table_;
  if (!session()) return;
  const Person& she = victim();
  Table::Wish wish{victim_, Who::kAdversary, she.service, t.chance.pick(Product::policies())};
  if (t.chance.one_in(10)) wish.service = t.chance.percent(50) ? kOwnService : kUpstreamService;
  wish.policy = t.product.policy(wish.policy_name);
  wish.written_out = t.chance.one_in(5);
  wish.device = t.chance.percent(20) ? fmt::format("phone of {}", she.identity) : fmt::format("his-{}", victim_);
  wish.payout = "account of his";
  if (she.line != kNone && t.chance.percent(40)) wish.contacts.emplace_back(she.line, by(she.line));
  if (t.chance.one_in(6)) {
    const std::size_t mine = own(t.chance.percent(70) ? Thing::kLine : Thing::kMailbox);
    wish.contacts.emplace_back(mine, by(mine));
  }
  t.hold(wish);
}

void Adversary::have_his_own_held() {
  Table& t = table_;
  Table::Wish wish{kNone, Who::kAdversary, victim().service, "any", t.product.policy("any")};
  const std::size_t line = t.chance.percent(50) && victim().line != kNone ? victim().line : own(Thing::kLine);
  wish.contacts.emplace_back(line, Channel::kSms);
  t.hold(wish);
}

void Adversary::start(Deal& deal) {
  Table& t = table_;
  const Person& she = victim();
  std::vector<std::size_t> known = held();
  if (she.line != kNone) known.push_back(she.line);
  if (she.mailbox != kNone) known.push_back(she.mailbox);
  std::erase_if(known, [&](std::size_t s) { return is_factor(t.at(s).thing); });
  if (known.empty()) return;
  const std::size_t to = t.chance.pick(known);
  t.start(deal, Who::kAdversary, by(to), t.chance.one_in(4) ? std::nullopt : std::optional(to));
}

void Adversary::answer(Deal& deal) {
  Table& t = table_;
  std::vector<const Letter*> known;
  for (const auto& letter : t.letters) {
    if ((letter.his || letter.phished) && !letter.code.empty()) known.push_back(&letter);
  }
  if (!known.empty()) t.check(deal, Who::kAdversary, Letter(*t.chance.pick(known)), deal.his_link);
}

void Adversary::answer_all(Deal& deal) {
  Table& t = table_;
  for (const auto source : held()) {
    if (deal.verified || deal.over || t.chance.one_in(8)) break;
    if (t.at(source).thing == Thing::kApp || t.at(source).thing == Thing::kKey || is_asked(t.at(source).thing)) {
      t.check_factor(deal, Who::kAdversary, source, deal.his_link);
      continue;
    }
    if (t.at(source).thing == Thing::kCodes) {
      if (t.at(source).used < t.at(source).codes.size()) t.check_codes(deal, Who::kAdversary, source, deal.his_link);
      continue;
    }
    const auto before = t.arrived();
    t.start(deal, Who::kAdversary, by(source), source);
    const Letter* letter = t.newest(before);
    if (letter != nullptr && letter->his) t.check(deal, Who::kAdversary, Letter(*letter), deal.his_link);
  }
  if (deal.verified && !deal.operation && session() && t.chance.percent(70)) t.claim(deal, Who::kAdversary);
}

void Adversary::guess(Deal& deal) {
  Table& t = table_;
  std::vector<std::size_t> targets;
  for (const auto source : {victim().line, victim().app, victim().codes}) {
    if (source != kNone) targets.push_back(source);
  }
  if (!targets.empty()) t.guess(deal, t.chance.pick(targets));
}

void Adversary::besiege(Deal& deal) {
  Table& t = table_;
  t.say("he guesses on");
  t.tally.count("sieges");
  const std::size_t times = t.chance.below(60);
  for (std::size_t i = 0; i < times; ++i) {
    guess(deal);
    if (i % 5 == 4) t.wait(minutes(1 + t.chance.below(60)));
    if (!session()) continue;
    Table::Wish wish{victim_, Who::kAdversary, victim().service, "any", t.product.policy("any")};
    Deal* next = i % 5 == 4 ? t.hold(wish) : nullptr;
    if (next == nullptr || victim().line == kNone) continue;
    t.start(*next, Who::kAdversary, Channel::kSms, victim().line);
    for (int tries = 0; tries < 5; ++tries) t.guess(*next, victim().line);
  }
}

void Adversary::give() {
  Table& t = table_;
  if (!session()) return;
  // Where a number of hers is: beside it, by another channel, or in the room that its removal has left.
  const std::size_t mine = own(t.chance.percent(75) ? Thing::kLine : Thing::kMailbox);
  if (t.chance.one_in(4) && victim().line != kNone) {
    for (const auto channel : {Channel::kSms, Channel::kCall, Channel::kWhatsapp})
      t.remove_contact(victim(), Who::kAdversary, victim().line, channel);
  }
  if (t.chance.percent(75)) return t.give(victim(), Who::kAdversary, mine, by(mine));
  std::vector<std::pair<std::size_t, Channel>> list{{mine, by(mine)}};
  if (victim().mailbox != kNone && t.chance.percent(70)) list.emplace_back(victim().mailbox, Channel::kEmail);
  if (victim().line != kNone && t.chance.percent(50)) list.emplace_back(victim().line, Channel::kSms);
  t.put(victim(), Who::kAdversary, list);
}

void Adversary::suspect() {
  Table& t = table_;
  const auto mine = held();
  if (session() && !mine.empty()) t.suspect(victim(), Who::kAdversary, t.chance.pick(mine));
}

void Adversary::object() {
  Table& t = table_;
  const Person& she = victim();
  if (session() && t.chance.one_in(10)) return t.ask_for_erasure(she, Who::kAdversary);
  for (const auto contact : held()) {
    for (const auto source : {she.line, she.mailbox, she.app, she.codes, she.key, she.device, she.phone}) {
      if (source != kNone && source != contact && t.object(she, Who::kAdversary, contact, source)) return;
    }
  }
}

void Adversary::decide(Deal& deal) {
  Table& t = table_;
  if (!deal.his_link) return;
  if (deal.decides != kNone) return answer_all(deal);
  Deal* operation = t.begin_decision(deal, Who::kAdversary);
  if (operation != nullptr) answer_all(*operation);
}

void Adversary::flood() {
  Table& t = table_;
  if (!session() || flooded_) return;
  flooded_ = true;
  t.tally.count("floods of contacts");
  t.say("he gives more than a hundred contacts");
  for (int i = 0; i < 120; ++i) {
    const std::size_t mine = t.make(Thing::kLine, kNone);
    const auto answered =
        t.product.give({victim().identity, victim().service}, {Channel::kSms, t.at(mine).address}, false);
    if (!answered.yes) return;
    Bound bound{mine, victim().identity, victim().service, t.now()};
    bound.by_him = true;
    bound.channels = {Channel::kSms};
    bound.how = "he gave it";
    t.referee.given(std::move(bound));
  }
  t.work();
}

void Adversary::remove() {
  Table& t = table_;
  if (!session()) return;
  Person& she = victim();
  const std::size_t which = t.chance.below(4);
  if (which == 0 && she.line != kNone) {
    t.remove_contact(she, Who::kAdversary, she.line, by(she.line));
  } else if (which == 1 && she.app != kNone) {
    if (t.remove_app(she, Who::kAdversary, she.app, t.chance.one_in(3))) she.app = kNone;
  } else if (which == 3 && she.device != kNone && t.chance.percent(50)) {
    if (t.remove_app(she, Who::kAdversary, she.device, false)) she.device = kNone;
  } else if (which == 3 && she.key != kNone) {
    if (t.remove_app(she, Who::kAdversary, she.key, false)) she.key = kNone;
  } else if (const auto mine = held(); !mine.empty()) {
    const std::size_t source = t.chance.pick(mine);
    if (is_factor(t.at(source).thing))
      t.remove_app(she, Who::kAdversary, source, t.chance.one_in(3));
    else
      t.remove_contact(she, Who::kAdversary, source, by(source));
  }
}

void Adversary::enrol() {
  Table& t = table_;
  if (!session()) return;
  const std::size_t made = t.chance.one_in(3)   ? t.make_codes(victim_, Who::kAdversary)
                           : t.chance.one_in(3) ? t.enrol_key(victim_, Who::kAdversary)
                           : t.chance.one_in(3) ? t.enrol_device(victim_, Who::kAdversary, Thing::kDevice)
                           : t.chance.one_in(3) ? t.enrol_device(victim_, Who::kAdversary, Thing::kPhone)
                                                : t.enrol(victim_, Who::kAdversary, t.chance.one_in(3));
  if (made != kNone) begun_.emplace_back(made, victim_);
}

void Adversary::confirm() {
  Table& t = table_;
  if (!begun_here_.empty() && t.chance.percent(50)) {
    const auto [app, id] = begun_here_.back();
    Deal* deal = t.find(id);
    if (deal == nullptr || t.chance.one_in(10) || t.confirm_here(*deal, Who::kAdversary, app)) begun_here_.pop_back();
    return;
  }
  if (begun_.empty()) return;
  const auto [app, whom] = begun_.back();
  if (!t.persons[whom].session_stolen) return;
  if (t.confirm(whom, Who::kAdversary, app, t.chance.one_in(3)) || t.chance.one_in(10)) begun_.pop_back();
}

void Adversary::add_here(Deal& deal) {
  Table& t = table_;
  if (!deal.his_link) return;
  Deal* page = &deal;
  static constexpr std::array kThings{Thing::kApp, Thing::kCodes, Thing::kKey};
  const Thing thing = kThings[t.chance.below(kThings.size())];
  if (!deal.operation && t.chance.percent(60)) page = t.begin_addition(deal, Who::kAdversary, thing);
  if (page == nullptr) return;
  if (page->operation && !page->verified && t.chance.percent(80)) answer_all(*page);
  const TransactionId from = page->id;
  const std::size_t app = t.enrol_here(*page, Who::kAdversary, thing);
  if (app == kNone) return;
  if (t.chance.one_in(3)) return begun_here_.emplace_back(app, from), void();
  if (!t.confirm_here(*page, Who::kAdversary, app)) return;
  t.tally.count(thing == Thing::kCodes ? "lists added by the adversary"
                : thing == Thing::kKey ? "keys added by the adversary"
                                       : "apps added by the adversary");
  page->over = page->operation;
  if (page->operation && session() && t.chance.percent(50)) return use_what_he_added();
  if (page->operation || page->verified || page->person != victim_) return;
  t.wait(seconds(31));  // The code that confirmed it is spent.
  t.check_factor(*page, Who::kAdversary, app, true);
  if (page->verified && session()) t.claim(*page, Who::kAdversary);
}

void Adversary::phish() {
  Table& t = table_;
  for (auto& letter : std::views::reverse(t.letters)) {
    if (!letter.hers || letter.phished || letter.code.empty() || t.at(letter.source).owner != victim_) continue;
    Deal* shown = letter.shows ? t.find(*letter.shows) : nullptr;
    // She tells a code of what she asked for, or of a log-in that she asked for.
    if (shown != nullptr && (shown->asked_by != Who::kPerson || shown->person != victim_)) continue;
    if (shown != nullptr) shown->approved = true;
    letter.phished = true;
    t.say("she tells him the code from {} that is for {}", t.at(letter.source).name,
          shown == nullptr ? "a log-in" : shown->id.text().substr(26));
    t.tally.count("codes phished");
    return use_elsewhere(letter.code);
  }
}

void Adversary::use_elsewhere(std::string_view code) {
  Table& t = table_;
  Deal* other = deal();
  if (other == nullptr || other->approved || other->operation || victim().line == kNone || t.chance.percent(30)) return;
  t.start(*other, Who::kAdversary, Channel::kSms, victim().line);
  for (const auto& letter : t.letters) {
    if (letter.code != code) continue;
    t.check(*other, Who::kAdversary, Letter(letter), other->his_link);
    break;
  }
  if (other->verified && !other->operation && session()) t.claim(*other, Who::kAdversary);
}

void Adversary::by_verify() {
  Table& t = table_;
  const Person& she = victim();
  const std::size_t line = t.chance.percent(60) && she.line != kNone ? she.line : own(Thing::kLine);
  switch (t.chance.below(3)) {
    case 0:
      t.start_code(she.service, line, Channel::kSms);
      return;
    case 1:
      for (const auto& letter : t.letters) {
        if (!letter.his || letter.code.empty() || t.chance.percent(50)) continue;
        t.check_code(she.service, letter.source, std::string(letter.code));
        return;
      }
      return;
    default:
      for (const auto source : held()) {
        if (t.at(source).thing != Thing::kApp || !session()) continue;
        t.product.challenge(she.service, she.identity, t.at(source).factor, t.product.app_code(t.at(source).seed));
        return t.tally.count("challenges");
      }
  }
}

}  // namespace countersign::simulation::game
