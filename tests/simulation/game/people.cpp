#include "simulation/game/people.h"

#include <algorithm>
#include <ranges>

#include "simulation/game/operator.h"

namespace countersign::simulation::game {

using contact::Channel;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

void People::act() {
  Table& t = table_;
  const bool pressed = t.pressed && t.chance.percent(70);
  const std::size_t person = pressed ? *t.pressed : t.chance.below(t.persons.size());
  t.pressed.reset();
  Person& she = t.persons[person];
  t.product.come_from(fmt::format("203.0.113.{}", 1 + person));
  if (!she.registered) return join(person);
  if (pressed) return insist(person);
  const std::size_t deed = t.chance.below(100);
  if (t.chance.one_in(3)) react(person);
  const bool silent = she.line != kNone && !t.at(she.line).hers;
  if (silent && t.chance.percent(25)) {  // Her phone has no line any more: she calls support.
    lose_line(person);
  } else if (she.key != kNone && !t.at(she.key).hers && t.chance.percent(25)) {
    lose_key(person);
  } else if (deed < 25) {
    ask(person);
  } else if (deed < 75) {
    go_on(person);
  } else if (deed < 80) {
    insist(person);
  } else if (deed < 83) {
    change_line(person);
  } else if (deed < 86) {
    lose_line(person);
  } else if (deed < 88) {
    drop_app(person);
  } else if (deed < 92) {
    log_in(person);
  } else if (deed < 93) {
    t.say("developers try the API out with {}", she.identity);
    const auto done = t.product.try_out(she.identity);
    t.tally.count(done.yes ? "trials of the API" : "trials of the API refused");
    if (t.chance.percent(50)) insist(person);
  } else if (deed < 95 && she.app == kNone) {
    const std::size_t app = t.enrol(person, Who::kPerson, t.chance.one_in(3));
    if (app != kNone && t.confirm(person, Who::kPerson, app, false)) she.app = app;
  } else if (deed < 97) {
    lose_key(person);
    lose_device(person);
  } else {
    for (auto& deal : t.deals) {
      if (deal.verified && !deal.operation && !deal.claimed && t.chance.percent(70)) t.claim(deal, Who::kPerson);
    }
  }
}

void People::join(std::size_t person) {
  Table& t = table_;
  Person& she = t.persons[person];
  she.registered = true;
  t.tally.count("persons registered");
  const std::size_t what = t.chance.below(8);  // Which of the three, at least one.
  if (what != 1 && what != 2) she.line = t.make(Thing::kLine, person);
  if (what == 1 || what >= 5) she.mailbox = t.make(Thing::kMailbox, person);
  if (what == 2 || what >= 6) {
    const std::size_t app = t.enrol(person, Who::kPerson, t.chance.one_in(3));
    if (app != kNone && t.confirm(person, Who::kPerson, app, false)) she.app = app;
  }
  if (t.chance.one_in(3)) {
    const std::size_t key = t.enrol_key(person, Who::kPerson);
    if (key != kNone && t.confirm(person, Who::kPerson, key, false)) she.key = key;
  }
  if (t.chance.one_in(4)) {
    const std::size_t codes = t.make_codes(person, Who::kPerson);
    if (codes != kNone && t.confirm(person, Who::kPerson, codes, false)) she.codes = codes;
  }
  if (t.chance.one_in(3)) get_device(person, Thing::kDevice, false);
  if (t.chance.one_in(4)) get_device(person, Thing::kPhone, false);
  if (t.chance.percent(50)) {
    if (she.line != kNone) t.give(she, Who::kPerson, she.line, Channel::kSms);
    if (she.mailbox != kNone) t.give(she, Who::kPerson, she.mailbox, Channel::kEmail);
  }
  ask(person);
}

Deal* People::current(std::size_t person) {
  for (auto& deal : std::views::reverse(table_.deals)) {
    const bool open = !deal.over && !deal.claimed && table_.now() < deal.expires_at;
    if (deal.person == person && deal.asked_by == Who::kPerson && open) return &deal;
  }
  return nullptr;
}

void People::ask(std::size_t person) {
  Table& t = table_;
  const Person& she = t.persons[person];
  Table::Wish wish = wish_of(person, t.chance.pick(Product::policies()));
  if (t.chance.one_in(6)) wish.written_out = true;
  if (t.chance.one_in(4)) wish.amount = static_cast<double>(1000 + t.chance.below(t.chance.percent(60) ? 3000 : 9000));
  // What the application knows of her goes into each hold.
  if (she.line != kNone && t.chance.percent(80)) wish.contacts.emplace_back(she.line, Channel::kSms);
  if (she.mailbox != kNone && t.chance.percent(80)) wish.contacts.emplace_back(she.mailbox, Channel::kEmail);
  t.hold(wish);
}

Table::Wish People::wish_of(std::size_t person, std::string policy_name) {
  const Person& she = table_.persons[person];
  Table::Wish wish{person, Who::kPerson, she.service, std::move(policy_name)};
  wish.policy = table_.product.policy(wish.policy_name);
  wish.device = fmt::format("phone of {}", she.identity);
  wish.payout = fmt::format("account of {}", she.identity);
  return wish;
}

void People::go_on(std::size_t person) {
  Table& t = table_;
  Deal* deal = current(person);
  if (deal == nullptr) return ask(person);
  if (deal->decides != kNone) return prove(*deal, person);
  if (deal->operation) return add_app(*deal, person);
  if (t.chance.one_in(8)) decide(person);
  if (deal->verified) {
    if (t.chance.one_in(4)) return add_app(*deal, person);
    return t.claim(*deal, Who::kPerson);
  }
  if (t.chance.one_in(20)) return t.deny(*deal, Who::kPerson);
  if (t.chance.one_in(6) && !deal->accepted.empty()) return add_app(*deal, person);
  prove(*deal, person);
}

void People::prove(Deal& deal, std::size_t person) {
  Table& t = table_;
  const Person& she = t.persons[person];
  // A letter for it that she has not used: mostly that is what comes next.
  for (const auto& letter : std::views::reverse(t.letters)) {
    const bool used = std::ranges::any_of(deal.accepted, [&](const Accepted& a) { return a.source == letter.source; });
    if (letter.shows != deal.id || !letter.hers || t.at(letter.source).owner != person || used) continue;
    if (t.chance.one_in(5)) break;
    t.check(deal, Who::kPerson, Letter(letter), true);
    return;
  }
  const std::size_t way = t.chance.below(5);
  const bool has_codes = t.holds(Who::kPerson, she.codes) && t.at(she.codes).used < t.at(she.codes).codes.size();
  if (way == 3 && has_codes) {
    t.check_codes(deal, Who::kPerson, she.codes, true);
  } else if (way == 4 && t.holds(Who::kPerson, she.key)) {
    t.check_key(deal, Who::kPerson, she.key, true);
  } else if (way == 2 && t.holds(Who::kPerson, she.device)) {
    t.check_device(deal, Who::kPerson, she.device, true);
  } else if (way == 2 && t.holds(Who::kPerson, she.phone) && !deal.operation) {
    t.check_phone(deal, Who::kPerson, she.phone, true, true);
  } else if (way == 0 && t.holds(Who::kPerson, she.app)) {
    t.check_app(deal, Who::kPerson, she.app, true);
  } else if (way == 1 && she.mailbox != kNone) {
    t.start(deal, Who::kPerson, Channel::kEmail, she.mailbox);
  } else if (she.line != kNone) {
    t.start(deal, Who::kPerson, Channel::kSms, she.line);
  }
}

void People::add_app(Deal& deal, std::size_t person) {
  Table& t = table_;
  Person& she = t.persons[person];
  // A list that is nearly used up, or none: new codes; else an app, if she has none.
  const bool codes = t.chance.one_in(3) && (she.codes == kNone || t.at(she.codes).used >= 8);
  const bool key = !codes && she.key == kNone && t.chance.percent(50);
  if (!codes && !key && she.app != kNone) return;
  const Thing thing = codes ? Thing::kCodes : key ? Thing::kKey : Thing::kApp;
  Deal* operation = deal.operation ? &deal : t.begin_addition(deal, Who::kPerson, thing);
  if (operation == nullptr) operation = t.find(deal.id);  // Where she has nothing yet, the page itself lets her.
  for (int tries = 0; operation->operation && !operation->verified && tries < 4; ++tries) prove(*operation, person);
  const std::size_t made = t.enrol_here(*operation, Who::kPerson, thing);
  if (made == kNone || !t.confirm_here(*operation, Who::kPerson, made)) return;
  operation->over = true;
  (codes ? she.codes : key ? she.key : she.app) = made;
  t.tally.count(codes ? "lists added by persons" : key ? "keys added by persons" : "apps added by persons");
}

void People::change_line(std::size_t person) {
  Table& t = table_;
  Person& she = t.persons[person];
  if (she.line == kNone || t.at(she.line).his) return;
  she.line = t.make(Thing::kLine, person);
  t.tally.count("lines changed");
  if (t.chance.percent(50)) return t.give(she, Who::kPerson, she.line, Channel::kSms);
  std::vector<std::pair<std::size_t, Channel>> list{{she.line, Channel::kSms}};
  if (she.mailbox != kNone) list.emplace_back(she.mailbox, Channel::kEmail);
  t.put(she, Who::kPerson, list);
}

void People::lose_line(std::size_t person) {
  Table& t = table_;
  Person& she = t.persons[person];
  if (she.line == kNone) return;
  if (t.chance.one_in(4)) return t.suspect(she, Who::kPerson, she.line);
  if (t.chance.one_in(4)) {  // She has a new telephone, with the same number.
    t.at(she.line).sim_changed = t.now();
    t.tally.count("SIMs changed by persons");
    return t.chance.percent(60) ? insist(person) : void();
  }
  Source& line = t.at(she.line);
  line.hers = false;
  line.his = line.his || t.chance.one_in(3);
  t.say("{} is lost{}", line.name, line.his ? ", and he has it" : "");
  t.tally.count("lines lost");
  for (const auto channel : {Channel::kSms, Channel::kCall, Channel::kWhatsapp})
    t.remove_contact(she, Who::kPerson, she.line, channel);
  she.line = t.make(Thing::kLine, person);
  t.give(she, Who::kPerson, she.line, Channel::kSms, t.chance.percent(70));
}

void People::react(std::size_t person) {
  Table& t = table_;
  const Person& she = t.persons[person];
  // A notice of something that she did not do; she reads most of them.
  for (const auto& letter : t.letters) {
    if (!letter.code.empty() || !letter.hers || t.at(letter.source).owner != person || t.chance.percent(40)) continue;
    const std::size_t contact = letter.source;
    t.object_to_erasure(she, Who::kPerson, contact);
    for (const auto source : t.referee.foreign(she.identity, t.now())) {
      if (t.chance.percent(50) || !t.object(she, Who::kPerson, contact, source)) continue;
      if (t.chance.percent(60)) return decide(person);
      if (t.chance.percent(60)) t.drop(she, source);
      return;
    }
    return;
  }
}

void People::decide(std::size_t person) {
  Table& t = table_;
  for (auto& deal : std::views::reverse(t.deals)) {
    if (deal.person != person || !deal.her_link || deal.operation || t.now() >= deal.expires_at) continue;
    Deal* operation = t.begin_decision(deal, Who::kPerson);
    if (operation == nullptr) return;
    const TransactionId id = operation->id;
    for (int tries = 0; tries < 4; ++tries) {
      operation = t.find(id);
      if (operation == nullptr || operation->over) return;
      prove(*operation, person);
    }
    return;
  }
}

void People::drop_app(std::size_t person) {
  Table& t = table_;
  Person& she = t.persons[person];
  if (she.codes != kNone && t.chance.one_in(4)) {
    t.remove_app(she, Who::kPerson, she.codes, false);
    t.at(she.codes).hers = false;
    she.codes = kNone;
    return;
  }
  if (she.app == kNone) return;
  t.remove_app(she, Who::kPerson, she.app, t.chance.one_in(3));
  t.at(she.app).hers = false;
  she.app = kNone;
}

void People::lose_key(std::size_t person) {
  Table& t = table_;
  Person& she = t.persons[person];
  if (she.key != kNone) {
    if (t.at(she.key).hers && !t.chance.one_in(8)) return;
    t.at(she.key).hers = false;
    t.tally.count("keys lost");
    t.remove_app(she, Who::kPerson, she.key, false);
    she.key = kNone;
  }
  const std::size_t key = t.enrol_key(person, Who::kPerson);
  if (key != kNone && t.confirm(person, Who::kPerson, key, false, t.chance.percent(50))) she.key = key;
}

void People::get_device(std::size_t person, Thing thing, bool vouch) {
  Table& t = table_;
  Person& she = t.persons[person];
  const std::size_t made = t.enrol_device(person, Who::kPerson, thing);
  if (made == kNone || !t.confirm(person, Who::kPerson, made, false, vouch)) return;
  (thing == Thing::kPhone ? she.phone : she.device) = made;
}

void People::lose_device(std::size_t person) {
  Table& t = table_;
  Person& she = t.persons[person];
  for (const auto thing : {Thing::kDevice, Thing::kPhone}) {
    auto& device = thing == Thing::kPhone ? she.phone : she.device;
    if (device == kNone || (t.at(device).hers && !t.chance.one_in(8))) continue;
    t.at(device).hers = false;
    t.tally.count("devices lost");
    t.remove_app(she, Who::kPerson, device, false);
    device = kNone;
    if (t.chance.percent(70)) get_device(person, thing, t.chance.percent(50));
  }
}

void People::log_in(std::size_t person) {
  Table& t = table_;
  const Person& she = t.persons[person];
  if (she.line == kNone) return;
  const auto before = t.arrived();
  t.start_code(she.service, she.line, Channel::kSms);
  t.tally.count("codes of their own");
  const Letter* letter = t.newest(before);
  if (letter == nullptr || !letter->hers || t.chance.one_in(3)) return;
  t.check_code(she.service, she.line, std::string(letter->code));
}

void People::insist(std::size_t person) {
  Table& t = table_;
  const auto sure = t.referee.sure_of(t.persons[person], t.now());
  std::vector<std::size_t> strong;
  std::vector<std::size_t> one_of_each;
  std::vector<std::size_t> asked;
  for (const Bound* bound : sure) {
    const Source& source = t.at(bound->source);
    const bool sleeps = is_factor(source.thing) && source.thing != Thing::kKey && source.guesses >= 100;  // [STD-20]
    if (sleeps || source.cloned) continue;
    if (is_asked(source.thing)) {
      asked.push_back(source.id);
      continue;
    }
    if (source.thing == Thing::kCodes && source.used + 3 > source.codes.size()) continue;
    if (source.thing == Thing::kLine && !bound->channels.contains(Channel::kSms)) continue;
    if (!is_weak(source.thing)) strong.push_back(source.id);
    const auto same = [&](std::size_t other) { return t.at(other).thing == source.thing; };
    if (std::ranges::none_of(one_of_each, same)) one_of_each.push_back(source.id);
  }
  if (strong.empty()) return;
  // Beside another proof, which comes first: alone, who asks too often makes it silent.
  if (!asked.empty()) one_of_each.push_back(t.chance.pick(asked));
  const bool two = one_of_each.size() >= 2 && t.chance.percent(50);
  const auto by = two ? one_of_each : std::vector{t.chance.pick(strong)};
  const std::string_view policy = two ? "two" : "any";
  Duration waited{};
  std::string why;
  excused_.clear();
  sim_changed_ = false;
  // What rules stop on its way is hers after an operator's word.
  amount_ = 0;
  if (t.product.engine().rules && t.chance.percent(40)) amount_ = static_cast<double>(1000 + t.chance.below(9000));
  std::string first;
  bool may_wait = false;                                                             // She was told how long.
  for (int tries = 0; tries < (may_wait ? 60 : 6) && waited <= hours(3); ++tries) {  // The longest lock is an hour.
    const bool got = insist_once(person, by, policy, waited, may_wait, why);
    if (!got && sim_changed_) excused_ = "a carrier said that her SIM had changed";
    if (!excused_.empty()) return t.tally.count(fmt::format("persons who insisted, but {}", excused_));
    if (got) return t.tally.count("persons who insisted and got it");
    if (first.empty()) first = why;
  }
  std::string names;
  for (const auto source : by) names += " " + t.at(source).name;
  throw Broken(
      3, fmt::format("she is shut out: {}", first),
      fmt::format("{} holds{} and cannot approve what she asked for: {}", t.persons[person].identity, names, why));
}

bool People::insist_once(std::size_t person, const std::vector<std::size_t>& by, std::string_view policy,
                         Duration& waited, bool& may_wait, std::string& why) {
  Table& t = table_;
  const Person& she = t.persons[person];
  Table::Wish wish = wish_of(person, std::string(policy));
  wish.amount = amount_;
  if (she.line != kNone && t.chance.percent(80)) wish.contacts.emplace_back(she.line, Channel::kSms);
  Deal* deal = t.hold(wish);
  if (deal == nullptr) {
    why = "she cannot have anything held";
    return false;
  }
  if (!is_let_on(*deal, why)) return false;
  for (const auto source : by) {
    const auto& changed = t.at(source).sim_changed;
    sim_changed_ = sim_changed_ || (t.product.engine().rules && changed && t.now() - *changed < hours(73));
  }
  const auto refused = [&](std::string_view what, const Answered& answered) {
    why = fmt::format("{} refused with {}", what, answered.why);
    const Duration wait = answered.retry_after.value_or(seconds(31)) + seconds(1);
    may_wait = answered.retry_after.has_value();
    waited += wait;
    t.wait(wait);
    return false;
  };
  for (const auto source : by) {
    if (deal->verified || deal->stopped) break;
    if (t.at(source).thing == Thing::kApp) {
      const auto answered = t.check_app(*deal, Who::kPerson, source, true);
      if (!answered.yes) return refused("her app's code", answered);
      continue;
    }
    if (t.at(source).thing == Thing::kKey) {
      const auto asked = t.ask_key(*deal, Who::kPerson);
      if (!asked) return refused("a challenge for her key", Product::refusal_of(asked.error()));
      if (she.session_stolen && t.chance.percent(50)) t.flood_with_challenges(*deal, source);
      const auto answered = t.answer_key(*deal, Who::kPerson, source, asked->options, true);
      if (!answered.yes) return refused("her key's answer", answered);
      continue;
    }
    if (is_asked(t.at(source).thing)) {
      const auto answered = t.check_device(*deal, Who::kPerson, source, true);
      if (!answered.yes) return refused("her device's answer", answered);
      continue;
    }
    if (t.at(source).thing == Thing::kCodes) {
      if (t.at(source).used == t.at(source).codes.size()) continue;  // Of several tries.
      const auto answered = t.check_codes(*deal, Who::kPerson, source, true);
      if (!answered.yes) return refused("her recovery code", answered);
      continue;
    }
    const auto before = t.arrived();
    const auto channel = t.at(source).thing == Thing::kMailbox ? Channel::kEmail : Channel::kSms;
    auto started = t.start(*deal, Who::kPerson, channel, source);
    if (started.why == "not_available_now") {  // A page has it for some work, or a wait.
      const auto work = t.product.work_for_page(deal->id);
      t.wait(seconds(31));
      started = t.start_with_work(*deal, Who::kPerson, channel, source, work);
    }
    if (started.why == "not_available_now") excused_ = "rules refused a code to a contact that she has not proved";
    if (started.why == "budget_spent") excused_ = "the budget was spent";
    if (started.why == "spending_stopped") excused_ = "spending was stopped";
    if (!excused_.empty()) return true;
    if (!started.yes) return refused(fmt::format("a code by {}", contact::to_text(channel)), started);
    const Letter* letter = t.newest(before);
    if (letter == nullptr || letter->source != source) {
      why = "the code went elsewhere";
      return false;
    }
    const auto answered = t.check(*deal, Who::kPerson, Letter(*letter), true);
    if (!answered.yes) return refused(fmt::format("her code by {}", contact::to_text(channel)), answered);
  }
  if (!is_let_on(*deal, why)) return false;
  if (!deal->verified && give_another_kind(person, *deal) && !deal->verified) return true;
  if (!deal->verified) {
    std::string kinds;
    for (const auto source : by) kinds += fmt::format(" {}", domain::to_text(method_of(t.at(source))));
    why = fmt::format("her right codes do not count:{}", kinds);
    return false;
  }
  t.claim(*deal, Who::kPerson);
  if (deal->stopped && is_let_on(*deal, why)) t.claim(*deal, Who::kPerson);
  if (!deal->claimed) why = "what she approved is not handed out";
  return deal->claimed;
}

bool People::is_let_on(Deal& deal, std::string& why) {
  if (!deal.stopped || Operator::allow(table_, deal)) return true;
  why = "operators allow it, and it does not go on";
  return false;
}

bool People::give_another_kind(std::size_t person, Deal& deal) {
  Table& t = table_;
  const Person& she = t.persons[person];
  if (!t.fraud.asked_for_more(deal.id) && !t.fraud.is_alerted(she.identity, deal.held_at)) return false;
  std::set<domain::Kind> given;
  for (const auto& accepted : deal.accepted) given.insert(domain::kind_of(accepted.method));
  // What she has lost and not reported, or he bound, may be what she is asked for; more kinds than there are, never.
  bool there = false;
  for (const auto kind : t.referee.kinds_of(she, t.now())) there = there || !given.contains(kind);
  if (!there) return false;
  t.tally.count("another kind asked for");
  for (const Bound* bound : t.referee.sure_of(she, t.now())) {
    const auto& source = t.at(bound->source);
    if (given.contains(domain::kind_of(method_of(source))) || source.thing == Thing::kCodes || deal.verified) continue;
    if (is_factor(source.thing)) {
      t.check_factor(deal, Who::kPerson, source.id, true);
      continue;
    }
    const auto channel = source.thing == Thing::kMailbox ? Channel::kEmail : Channel::kSms;
    const auto before = t.arrived();
    if (!t.start(deal, Who::kPerson, channel, source.id).yes) continue;
    const Letter* letter = t.newest(before);
    if (letter != nullptr && letter->source == source.id) t.check(deal, Who::kPerson, Letter(*letter), true);
  }
  if (!deal.verified) excused_ = "a kind was asked for that she could not give";
  if (deal.verified) t.tally.count("another kind given");
  return true;
}

}  // namespace countersign::simulation::game
