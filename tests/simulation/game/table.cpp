#include "simulation/game/table.h"

#include <algorithm>
#include <ranges>

#include "contact/masking.h"

namespace countersign::simulation::game {

namespace {

using contact::Channel;
using std::chrono::minutes;

constexpr std::size_t kDealsKept = 24;
constexpr std::size_t kLettersKept = 60;

/// Whose word counts there: operations have a page, and are unknown to the native API.
std::string_view door_of(const Deal& deal) { return deal.operation ? "person" : "api:game"; }

std::string_view yes_or(const Answered& answered) {
  return answered.yes ? std::string_view("yes") : std::string_view(answered.why);
}

}  // namespace

Table::Table(std::uint64_t seed)
    : chance(seed), product(seed), referee(sources, tally), fraud(sources, product.engine(), tally) {}

std::size_t Table::make(Thing thing, std::size_t owner) {
  Source source;
  source.id = sources.size();
  source.thing = thing;
  source.owner = owner;
  source.hers = owner != kNone;
  source.his = owner == kNone;
  const std::string whose = owner == kNone ? "his" : fmt::format("person {}'s", owner);
  static constexpr std::array<std::string_view, 7> kWhat{"line", "mailbox", "app", "codes", "key", "device", "phone"};
  source.name = fmt::format("{} {} {}", whose, kWhat[static_cast<std::size_t>(thing)], source.id);
  if (thing == Thing::kLine)  // Each in a prefix of its own; its last four digits are its own too.
    source.address = fmt::format("+55119{:04}{:04}", 8000 + source.id * 37 % 1000, 1000 + source.id % 9000);
  if (thing == Thing::kMailbox) {  // Masked, it must still be told from others: its last label is its own.
    std::string label;
    for (auto rest = source.id + 26 * 26; rest > 0; rest /= 26) label += static_cast<char>('a' + rest % 26);
    source.address = fmt::format("box@mail.{}", label);
  }
  sources.push_back(std::move(source));
  return sources.back().id;
}

bool Table::holds(Who who, std::size_t source) const {
  return source != kNone && (who == Who::kPerson ? sources[source].hers : sources[source].his);
}

std::size_t Table::find(std::string_view address) const {
  const auto found = std::ranges::find(sources, address, &Source::address);
  return found == sources.end() ? kNone : found->id;
}

Deal* Table::find(const TransactionId& id) {
  const auto found = std::ranges::find(deals, id, &Deal::id);
  return found == deals.end() ? nullptr : &*found;
}

void Table::collect() {
  for (auto& out : product.take_outgoing()) {
    const std::size_t source = find(out.to);
    CS_CHECK(source != kNone);
    const bool notice = out.code.empty();
    fraud.left(out, now());
    letters.push_back({source, out.channel, out.code, out.transaction, out.verification, now(), at(source).hers,
                       at(source).his, false});
    if (letters.size() > kLettersKept) letters.pop_front();
    ++arrived_;
    if (notice) referee.told(source, now());
    tally.count(notice ? "notices" : "codes sent");
    say("{} arrives at {}", notice ? "a notice" : "a code", at(source).name);
  }
}

const Letter* Table::newest(std::uint64_t since) const {
  return arrived_ > since && !letters.empty() ? &letters.back() : nullptr;
}

void Table::work() {
  const auto webhooks = product.work();
  collect();
  for (const auto& body : webhooks) {
    if (!body.contains("subject.source_added")) continue;
    tally.count("webhooks about sources");
    for (const auto& person : persons) {
      if (body.contains('"' + person.identity + '"')) referee.acknowledged(person.identity, now());
    }
  }
  for (const auto& person : persons) {
    if (!erasing_.contains(person.identity) || !product.is_erased(person.identity)) continue;
    say("{} is erased", person.identity);
    tally.count("persons erased");
    erasing_.erase(person.identity);
    referee.erased(person.identity, now());
    fraud.erased(person, now());
  }
}

void Table::wait(Duration by) {
  // What time alone brings about is done as it comes due, as by a server that runs meanwhile.
  while (by > minutes(10)) {
    work();
    const Duration piece = std::min<Duration>(by, std::chrono::hours(12));
    product.wait(piece);
    by -= piece;
  }
  product.wait(by);
  if (by >= std::chrono::seconds(1)) run_second();
  while (!letters.empty() && letters.front().at + minutes(10) < now()) letters.pop_front();
}

Deal* Table::hold(const Wish& wish) {
  const bool own = wish.person == kNone;
  const double amount = wish.amount > 0 ? wish.amount : 1.0 + static_cast<double>(deals.size());
  usecase::HoldRequest request;
  request.type = "payout_account.change";
  request.service = wish.service;
  request.identity = own ? "adversary" : persons[wish.person].identity;
  for (const auto& [source, channel] : wish.contacts) request.contacts.push_back({channel, at(source).address});
  request.display = {"Payout", domain::Amount{fmt::format("{}.00", amount), "BRL"}, "Somebody", {}};
  request.payload = fmt::format(R"({{"amount":{},"payout":"{}"}})", amount, wish.payout);
  request.risk = {wish.device, wish.payout};
  if (wish.written_out)
    request.policy = wish.policy;
  else
    request.policy = wish.policy_name;
  std::set<std::size_t> swapped;
  request.heard = hear(request, swapped);
  const auto held = product.hold(request);
  if (!held) {
    say("{} has a transaction held for {}: {}", name_of(wish.by), request.identity,
        static_cast<int>(held.error().code));
    return nullptr;
  }
  Deal deal;
  deal.id = held->id;
  deal.person = wish.person;
  deal.identity = request.identity;
  deal.service = wish.service;
  deal.policy_name = wish.written_out ? "inline" : wish.policy_name;
  deal.policy = wish.policy;
  deal.link = held->verify_url.substr(held->verify_url.rfind('.') + 1);
  deal.held_at = now();
  deal.expires_at = held->expires_at;
  deal.asked_by = wish.by;
  deal.her_link = wish.by == Who::kPerson;
  deal.his_link = wish.by == Who::kAdversary;
  deal.amount = amount;
  deal.device = wish.device;
  deal.payout = wish.payout;
  deal.payload = request.payload;
  deal.swapped = std::move(swapped);
  deal.stopped = held->status != domain::TransactionStatus::kHeld;
  deal.stopped_at = now();
  std::string with;
  for (const auto& [source, channel] : wish.contacts)
    with += fmt::format(" {} by {}", at(source).name, contact::to_text(channel));
  note_given(deal.identity, wish.service, wish.by, wish.contacts, "gave it in a hold", false);
  say("{} has {} held for {}, service {}, policy {}{}{}", name_of(wish.by), deal.id.text().substr(26), deal.identity,
      deal.service, deal.policy_name, with.empty() ? "" : "," + with, deal.stopped ? "; a rule stops it" : "");
  fraud.held(deal, held->status);
  deals.push_back(std::move(deal));
  if (deals.size() > kDealsKept) deals.pop_front();
  look_at_decisions();
  return &deals.back();
}

Answered Table::start(Deal& deal, Who who, Channel channel, std::optional<std::size_t> source) {
  // A line is one source, whoever chooses its channel. [ADR 46]
  const bool automatic = contact::uses_phone(channel) && chance.percent(30);
  const auto answered =
      product.start(deal.id, automatic ? contact::Wanted::automatic() : contact::Wanted(channel),
                    source ? std::optional(at(*source).address) : std::optional<std::string>(), door_of(deal));
  return note_started(deal, who, source, automatic ? "auto" : contact::to_text(channel), answered);
}

Answered Table::note_started(Deal& deal, Who who, std::optional<std::size_t> source, std::string_view how,
                             Answered answered) {
  say("{} has a code for {} sent by {} to {}: {}", name_of(who), deal.id.text().substr(26), how,
      source ? at(*source).name : "the usual", yes_or(answered));
  const bool decided = answered.yes || answered.why == "not_available_now";
  fraud.expect(deal.id, risk::Point::kSend, decided ? 1 : 0, decided ? 1 : 0);
  if (answered.yes) fraud.went_on(deal);
  bool proved = false;
  if (source && !answered.yes && at(*source).thing == Thing::kLine && fraud.has_proved(deal, *source)) {
    const Bound* bound = referee.living(deal.identity, *source, now());
    proved = bound != nullptr && !bound->gone && !bound->ends;
  }
  if (!answered.yes) fraud.not_sent(answered.why, proved, now());
  collect();
  look_at_decisions();
  return answered;
}

Answered Table::accept(Deal& deal, Answered answered, Accepted accepted, bool on_page) {
  if (!answered.yes) return answered;
  fraud.went_on(deal);
  tally.count(accepted.who == Who::kPerson ? "proofs by persons" : "proofs by the adversary");
  if (accepted.guessed) tally.count("guessed right");
  accepted.at = now();
  deal.accepted.push_back(accepted);
  if (on_page) deal.proved_in.insert(accepted.who);
  deal.verified = answered.status == domain::TransactionStatus::kVerified;
  referee.proved(deal, now());
  if (deal.person != kNone) fraud.typed(accepted.source, fmt::format("{} at {}", deal.identity, deal.service), now());
  if (deal.person == kNone) fraud.typed(accepted.source, fmt::format("adversary at {}", deal.service), now());
  if (!deal.operation) {
    const bool held = answered.status == domain::TransactionStatus::kHeld;
    fraud.expect(deal.id, risk::Point::kApprove, held ? 0 : 1, 1);
    deal.stopped = !held && !deal.verified;
    deal.stopped_at = now();
    if (deal.stopped) tally.count("stopped at the approval");
    if (deal.verified) fraud.verified(deal);
    look_at_decisions();
  }
  if (deal.decides != kNone && answered.status != domain::TransactionStatus::kHeld) {
    deal.over = true;
    if (answered.status == domain::TransactionStatus::kReleased) {
      say("{} is {}", at(deal.decides).name, deal.keep ? "kept" : "dropped");
      tally.count(deal.keep ? "decisions: kept" : "decisions: dropped");
      referee.decided(deal, now());
    }
    work();
  }
  return answered;
}

Answered Table::check(Deal& deal, Who who, const Letter& letter, bool on_page) {
  const bool held = who == Who::kPerson ? letter.hers : letter.his;
  if (who == Who::kPerson && deal.asked_by == Who::kPerson) deal.approved = true;
  const auto answered = product.check(
      deal.id, letter.code, {}, on_page || chance.percent(50) ? letter.verification : std::nullopt, door_of(deal));
  say("{} types the code from {} for {}: {}", name_of(who), at(letter.source).name, deal.id.text().substr(26),
      yes_or(answered));
  return accept(deal, answered, {letter.source, domain::method_of(letter.channel), who, {}, held, false}, on_page);
}

Answered Table::check_app(Deal& deal, Who who, std::size_t app, bool on_page) {
  if (who == Who::kPerson && deal.asked_by == Who::kPerson) deal.approved = true;
  const auto answered =
      product.check(deal.id, product.app_code(at(app).seed), at(app).factor.text(), {}, door_of(deal));
  say("{} types a code of {} for {}: {}", name_of(who), at(app).name, deal.id.text().substr(26), yes_or(answered));
  return accept(deal, answered, {app, domain::Method::kTotp, who, {}, true, false}, on_page);
}

Answered Table::check_codes(Deal& deal, Who who, std::size_t codes, bool on_page) {
  auto& list = at(codes);
  CS_CHECK(list.used < list.codes.size());
  if (who == Who::kPerson && deal.asked_by == Who::kPerson) deal.approved = true;
  const std::string factor = chance.percent(50) ? list.factor.text() : "recovery_code";
  const auto answered = product.check(deal.id, list.codes[list.used], factor, {}, door_of(deal));
  say("{} types a code of {} for {}: {}", name_of(who), list.name, deal.id.text().substr(26), yes_or(answered));
  if (answered.yes) {
    ++list.used;
    tally.count("recovery codes used");
  }
  return accept(deal, answered, {codes, domain::Method::kRecoveryCode, who, {}, true, false}, on_page);
}

Answered Table::check_factor(Deal& deal, Who who, std::size_t factor, bool on_page) {
  if (at(factor).thing == Thing::kApp) return check_app(deal, who, factor, on_page);
  if (at(factor).thing == Thing::kKey) return check_key(deal, who, factor, on_page);
  if (is_asked(at(factor).thing)) return check_device(deal, who, factor, on_page);
  return check_codes(deal, who, factor, on_page);
}

Answered Table::guess(Deal& deal, std::size_t against) {
  const bool factor = is_factor(at(against).thing);
  const std::string digits = fmt::format("{:06}", chance.below(1'000'000));
  const std::string code = at(against).thing == Thing::kCodes ? digits + "ABCDEFGHJ" : digits;
  const auto answered =
      product.check(deal.id, code, factor ? std::optional(at(against).factor.text()) : std::nullopt, {}, door_of(deal));
  ++at(against).guesses;
  return accept(deal, answered, {against, method_of(at(against)), Who::kAdversary, {}, false, true}, true);
}

void Table::deny(Deal& deal, Who who) {
  const auto answered = product.deny(deal.id);
  deal.over = deal.over || answered.yes;
  if (answered.yes) referee.denied(deal, now());
  say("{} denies {}: {}", name_of(who), deal.id.text().substr(26), yes_or(answered));
}

void Table::cancel(Deal& deal, Who who) {
  const auto answered = product.cancel(deal.id);
  deal.over = deal.over || answered.yes;
  say("{} has {} canceled: {}", name_of(who), deal.id.text().substr(26), yes_or(answered));
}

void Table::note_given(std::string_view identity, std::string_view service, Who who,
                       const std::vector<std::pair<std::size_t, Channel>>& given, std::string_view how, bool vouch) {
  for (const auto& [source, channel] : given) {
    Bound bound{source, std::string(identity), std::string(service), now()};
    bound.by_him = who == Who::kAdversary;
    bound.channels = {channel};
    bound.how = fmt::format("{} {}", name_of(who), how);
    bound.vouched = vouch;
    referee.given(std::move(bound));
  }
}

void Table::give(const Person& person, Who who, std::size_t source, Channel channel, bool vouch) {
  const auto answered = product.give({person.identity, person.service}, {channel, at(source).address}, vouch);
  say("{} gives {} for {} by {}{}: {}", name_of(who), at(source).name, person.identity, contact::to_text(channel),
      vouch ? ", vouched for" : "", yes_or(answered));
  if (answered.yes) note_given(person.identity, person.service, who, {{source, channel}}, "gave it", vouch);
  work();
}

void Table::put(const Person& person, Who who, const std::vector<std::pair<std::size_t, Channel>>& list) {
  std::vector<usecase::GivenContact> given;
  std::string what;
  for (const auto& [source, channel] : list) {
    given.push_back({channel, at(source).address});
    what += fmt::format(" {} by {}", at(source).name, contact::to_text(channel));
  }
  const auto answered = product.put({person.identity, person.service}, given);
  say("{} makes the contacts of {}{}: {}", name_of(who), person.identity, what, yes_or(answered));
  if (answered.yes) {
    note_given(person.identity, person.service, who, list, "put it into the list", false);
    referee.listed(person.identity, person.service, list, now());
    std::set<std::size_t> kept;
    for (const auto& [source, channel] : list) kept.insert(source);
    fraud.only_proved(person, kept);
  }
  work();
}

std::optional<ContactId> Table::contact_of(const Person& person, std::size_t source, Channel channel) {
  const std::string masked = contact::mask_contact(at(source).address);
  for (const auto& view : product.contacts({person.identity, person.service})) {
    if (view.channel == channel && view.masked == masked) return view.id;
  }
  return std::nullopt;
}

bool Table::remove_contact(const Person& person, Who who, std::size_t source, Channel channel) {
  const auto id = contact_of(person, source, channel);
  if (!id) return false;
  const auto answered = product.remove_contact({person.identity, person.service}, *id);
  say("{} removes {} of {} by {}: {}", name_of(who), at(source).name, person.identity, contact::to_text(channel),
      yes_or(answered));
  if (answered.yes) referee.gone(person, source, now());
  if (answered.yes) fraud.not_proved_any_more(person, source);
  work();
  return answered.yes;
}

void Table::suspect(const Person& person, Who who, std::size_t source) {
  Answered answered;
  if (is_factor(at(source).thing)) {
    answered = product.suspect_factor(person.identity, at(source).factor);
  } else {
    for (const auto channel : {Channel::kSms, Channel::kCall, Channel::kWhatsapp, Channel::kEmail}) {
      const auto id = contact_of(person, source, channel);
      if (!id) continue;
      answered = product.suspect_contact(person.identity, *id);
      break;
    }
  }
  say("{} says that {} is suspect: {}", name_of(who), at(source).name, yes_or(answered));
  if (answered.yes) referee.suspected(source, now());
  work();
}

std::optional<BindingId> Table::binding_of(const Person& person, std::size_t source) {
  const std::string masked = contact::mask_contact(at(source).address);
  for (const auto& known : product.sources({person.identity, person.service})) {
    if (is_factor(at(source).thing) ? known.factor == at(source).factor : known.masked == masked) return known.id;
  }
  return std::nullopt;
}

bool Table::confirm_objection(const Person& person, Who who, std::size_t contact, std::optional<BindingId> about) {
  const auto by = binding_of(person, contact);
  if (!by || !holds(who, contact)) return false;
  const auto started = product.start_objection({person.identity, person.service}, {*by, about});
  if (!started) return false;
  const auto before = arrived();
  work();
  const Letter* letter = nullptr;
  for (const auto& each : letters) {
    if (each.source == contact && !each.code.empty() && !each.verification) letter = &each;
  }
  if (arrived() == before || letter == nullptr) return false;
  const auto answered = product.confirm_objection({person.identity, person.service}, started->id, letter->code);
  return answered.yes;
}

bool Table::object(const Person& person, Who who, std::size_t contact, std::size_t source) {
  const auto about = binding_of(person, source);
  if (!about || !confirm_objection(person, who, contact, about)) return false;
  say("{} objects by {} to {}", name_of(who), at(contact).name, at(source).name);
  tally.count(who == Who::kPerson ? "objections by persons" : "objections by the adversary");
  referee.objected(person, source, now());
  work();
  return true;
}

void Table::drop(const Person& person, std::size_t source) {
  const auto about = binding_of(person, source);
  if (!about || !product.decide({person.identity, person.service}, *about, false).yes) return;
  say("support drops {}", at(source).name);
  referee.gone(person, source, now());
  fraud.not_proved_any_more(person, source);
  work();
}

void Table::ask_for_erasure(const Person& person, Who who) {
  const auto answered = product.ask_for_erasure(person.identity);
  say("{} has the erasure of {} asked for: {}", name_of(who), person.identity, yes_or(answered));
  if (!answered.yes) return;
  tally.count("erasures asked for");
  erasing_.insert(person.identity);
  work();
}

bool Table::object_to_erasure(const Person& person, Who who, std::size_t contact) {
  if (!erasing_.contains(person.identity) || !confirm_objection(person, who, contact, std::nullopt)) return false;
  say("{} objects by {} to the erasure of {}", name_of(who), at(contact).name, person.identity);
  tally.count("erasures stopped");
  erasing_.erase(person.identity);
  return true;
}

Deal* Table::new_operation(const Deal& from, Who who, const TransactionId& id, std::string_view link) {
  Deal deal;
  deal.id = id;
  deal.person = from.person;
  deal.identity = from.identity;
  deal.service = from.service;
  deal.policy_name = "of the operation";
  deal.link = link;
  deal.held_at = now();
  deal.expires_at = now() + minutes(15);
  deal.asked_by = who;
  deal.her_link = who == Who::kPerson;
  deal.his_link = who == Who::kAdversary;
  deal.operation = true;
  deals.push_back(std::move(deal));
  if (deals.size() > kDealsKept) deals.pop_front();
  return &deals.back();
}

Deal* Table::begin_addition(const Deal& from, Who who, Thing thing) {
  const auto method = thing == Thing::kCodes ? domain::Method::kRecoveryCode
                      : thing == Thing::kKey ? domain::Method::kWebauthn
                                             : domain::Method::kTotp;
  const auto begun = product.begin_addition(from.id, from.link, method);
  say("{} begins to add {} from {}: {}", name_of(who), domain::to_text(method), from.id.text().substr(26),
      begun ? "yes" : "no");
  return begun ? new_operation(from, who, begun->id, begun->secret.expose()) : nullptr;
}

std::size_t Table::source_of(const Person& person, const BindingId& binding) {
  for (const auto& known : product.sources({person.identity, person.service})) {
    if (known.id != binding) continue;
    for (const auto& source : sources) {
      if (is_factor(source.thing) ? known.factor == source.factor
                                  : known.masked == contact::mask_contact(source.address))
        return source.id;
    }
  }
  return kNone;
}

Deal* Table::begin_decision(const Deal& from, Who who) {
  if (from.person == kNone || from.operation) return nullptr;
  const auto& person = persons[from.person];
  const auto about = product.stopped(from.id, from.link);
  const std::size_t source = about && from.service == person.service ? source_of(person, *about) : kNone;
  if (source == kNone) return nullptr;
  const bool keep = (at(source).owner == from.person) == (who == Who::kPerson);
  const auto begun = product.begin_decision(from.id, from.link, keep);
  say("{} begins to {} {}: {}", name_of(who), keep ? "keep" : "drop", at(source).name, begun ? "yes" : "no");
  if (!begun) return nullptr;
  tally.count(who == Who::kPerson ? "decisions begun by persons" : "decisions begun by the adversary");
  Deal* operation = new_operation(from, who, begun->id, begun->secret.expose());
  operation->decides = source;
  operation->keep = keep;
  return operation;
}

}  // namespace countersign::simulation::game
