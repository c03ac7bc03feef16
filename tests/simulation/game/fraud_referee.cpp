#include "simulation/game/fraud_referee.h"

#include <fmt/format.h>

#include <algorithm>

#include "simulation/game/referee.h"

namespace countersign::simulation::game {

namespace {

using domain::TransactionStatus;
using std::chrono::hours;

constexpr auto kReviewWithin = hours(24);
constexpr auto kAlert = hours(48);
constexpr std::size_t kForeignADay = 20;
constexpr int kKindsMost = 3;
/// What a provider was asked for, and never delivered, has been paid.
constexpr std::int64_t kPaidUnseen = 6;

std::int64_t day_of(WallTime at) { return std::chrono::floor<std::chrono::days>(at).time_since_epoch().count(); }
int hour_of(WallTime at) {
  return static_cast<int>(std::chrono::duration_cast<hours>(at - std::chrono::floor<std::chrono::days>(at)).count());
}
std::string place_of(std::string_view identity, std::string_view service) {
  return fmt::format("{} at {}", identity, service);
}
std::string short_of(const Deal& deal) { return deal.id.text().substr(26); }

/// Rules asked for one kind more than its policy, or would have stopped it.
bool is_short_of_a_kind(const Deal& deal) {
  std::set<domain::Kind> kinds;
  for (const auto& accepted : deal.accepted) {
    const auto kind = domain::kind_of(accepted.method);
    if (!deal.swapped.contains(accepted.source) && kind != domain::Kind::kRecovery) kinds.insert(kind);
  }
  return static_cast<int>(kinds.size()) < std::min(deal.policy.min_kinds + 1, kKindsMost);
}

}  // namespace

void FraudReferee::held(const Deal& deal, TransactionStatus status) {
  expect(deal.id, risk::Point::kHold, 1, 1);
  const auto asks = asks_of(options_, deal.amount).at_hold;
  const bool stopped = status != TransactionStatus::kHeld;
  if (stopped) tally_.count(fmt::format("held: {}", domain::to_text(status)));
  if (asks == Asks::kRefuse && status != TransactionStatus::kDenied)
    throw Broken(4, "held although a rule refuses it", fmt::format("{} of {}", short_of(deal), deal.amount));
  if (asks == Asks::kReview && !stopped)
    throw Broken(4, "held although a rule wants a review", fmt::format("{} of {}", short_of(deal), deal.amount));
  if (asks < Asks::kRefuse && status == TransactionStatus::kDenied)
    throw Broken(3, "refused although no rule refuses it", fmt::format("{} of {}", short_of(deal), deal.identity));
}

void FraudReferee::went_on(const Deal& deal) const {
  if (deal.stopped)
    throw Broken(4, "what waits for an operator went on", fmt::format("{} of {}", short_of(deal), deal.identity));
}

void FraudReferee::word_taken(const Deal& deal, const Product::Key& key, bool allowed, bool decided,
                              WallTime now) const {
  const auto broken = [&](std::string_view why) {
    throw Broken(4, std::string(why), fmt::format("{} of {}, by {}", short_of(deal), deal.identity, key.name));
  };
  if (!key.admin) broken("an application's key decided about a review");
  if (deal.over) broken("a review was decided that was over");
  if (!deal.stopped) broken("a review was decided that there was not");
  if (now >= deal.stopped_at + kReviewWithin) broken("a review was decided after its time");
  if (!allowed) return;
  if (options_.by_two && decided && deal.yes.size() < 2) broken("one operator allowed what two must");
  if (!options_.by_two && !decided) broken("an operator's word changed nothing");
  if (options_.by_two && !decided && deal.yes.size() >= 2) broken("two operators' words changed nothing");
}

void FraudReferee::claimed(const Deal& deal, std::string_view payload) const {
  const auto broken = [&](int promise, std::string_view why) {
    throw Broken(
        promise, std::string(why),
        fmt::format("{} of {}, {} BRL, policy {}", short_of(deal), deal.identity, deal.amount, deal.policy_name));
  };
  if (deal.stopped) broken(4, "handed out while it waits for an operator");
  if (payload != deal.payload) broken(4, "something else was handed out than was held");
  if (!meets_as_given(deal, sources_, deal.swapped))
    broken(5, deal.swapped.empty() ? "the engine made a policy weaker" : "a line counted whose SIM had just changed");
  if (deal.allowed) return;
  const auto asks = asks_of(options_, deal.amount);
  for (const auto one : {asks.at_hold, asks.at_approve, asks.at_claim}) {
    if (one >= Asks::kReview) broken(4, "handed out although a rule stops it, and nobody allowed it");
    if (one == Asks::kKind && is_short_of_a_kind(deal)) broken(5, "handed out without the kind that a rule asked for");
  }
  if (!deal.swapped.empty() && is_short_of_a_kind(deal)) broken(5, "a changed SIM asked for nothing");
}

void FraudReferee::verified(const Deal& deal) {
  devices_.emplace(deal.identity, deal.device);
  if (!deal.payout.empty()) payouts_[deal.payout].insert(deal.identity);
}

std::int64_t FraudReferee::paid_today(WallTime now) const {
  const auto found = messages_.find(day_of(now));
  return found == messages_.end() ? 0 : found->second;
}

void FraudReferee::left(const Outgoing& message, WallTime now) {
  if (!contact::uses_phone(message.channel)) return;
  if (spending_stopped_)
    throw Broken(7, "a message left although spending is stopped", fmt::format("to {}", message.to));
  if (options_.money) {
    const auto paid = ++messages_[day_of(now)];
    const bool proved = proved_addresses_.contains(message.to);
    if (paid > kMessagesADay + kMessagesReserved)
      throw Broken(7, "more was spent than the budget and its reserve", fmt::format("{} messages", paid));
    if (paid > kMessagesADay && !proved)
      throw Broken(7, "the reserve was spent on a stranger", fmt::format("{} messages, to {}", paid, message.to));
    if (paid > kMessagesADay) tally_.count("messages from the reserve");
  }
  if (options_.rules && message.channel == contact::Channel::kCall && !message.code.empty() &&
      hour_of(now) < kNoCallsUntil && !proved_addresses_.contains(message.to))
    throw Broken(4, "a call that a rule refuses", fmt::format("to {}", message.to));
  if (!message.to.starts_with(kForeign)) return;
  foreign_.push_back(now);
  while (foreign_.front() + hours(24) <= now) foreign_.pop_front();
  tally_.count("codes to the country that nobody uses");
  if (foreign_.size() > kForeignADay)
    throw Broken(7, "a country without a history had more than its twenty", fmt::format("{} codes", foreign_.size()));
}

void FraudReferee::not_sent(const std::string& why, bool proved, WallTime now) const {
  tally_.count(fmt::format("sends refused: {}{}", why, proved ? ", proved" : ""));
  if (why == "not_available_now" && proved)
    throw Broken(6, "a rule refused a send to somebody who has proved the contact", why);
  if (why == "spending_stopped" && !spending_stopped_) throw Broken(7, "spending is stopped by nobody", why);
  if (why != "budget_spent") return;
  const auto may = kMessagesADay + (proved ? kMessagesReserved : 0);
  if (!options_.money || paid_today(now) + kPaidUnseen < may)
    throw Broken(6,
                 proved ? "there was no reserve for somebody who has proved the contact" : "a budget closed too early",
                 fmt::format("{} messages today", paid_today(now)));
}

void FraudReferee::typed(std::size_t source, std::string_view who, WallTime now) {
  if (sources_[source].thing != Thing::kLine) return;
  typed_[day_of(now)].emplace(who);
  proved_addresses_.insert(sources_[source].address);
  proved_.emplace(std::string(who), source);
}

bool FraudReferee::has_proved(const Deal& deal, std::size_t source) const {
  return proved_.contains({place_of(deal.identity, deal.service), source});
}

void FraudReferee::not_proved_any_more(const Person& person, std::size_t source) {
  proved_.erase({place_of(person.identity, person.service), source});
}

void FraudReferee::only_proved(const Person& person, const std::set<std::size_t>& kept) {
  const auto place = place_of(person.identity, person.service);
  std::erase_if(proved_, [&](const auto& one) { return one.first == place && !kept.contains(one.second); });
}

void FraudReferee::erased(const Person& person, WallTime now) {
  only_proved(person, {});
  for (auto& [payout, people] : payouts_) {
    if (people.erase(person.identity) > 0) people.insert(fmt::format("{} until {}", person.identity, to_rfc3339(now)));
  }
}

void FraudReferee::bound(const Source& source, bool vouched, bool by_herself, WallTime now) const {
  if (!options_.rules) return;
  const bool night_list = source.thing == Thing::kCodes && hour_of(now) < kNoListsUntil;
  const bool night_app = source.thing == Thing::kApp && hour_of(now) < kNoAppsUntil;
  if (night_app || (night_list && !vouched))
    throw Broken(4, "a source was bound that a rule refuses",
                 fmt::format("{}{}", source.name, by_herself ? ", by herself" : ""));
}

void FraudReferee::expect(const TransactionId& id, risk::Point point, std::size_t least, std::size_t most) {
  auto& counted = counted_[id][static_cast<std::size_t>(point)];
  counted.least += least;
  counted.most += most;
  touched_.insert(id);
}

std::int32_t FraudReferee::typed_at_most(WallTime now) const {
  std::size_t most = 0;
  for (auto day = typed_.lower_bound(day_of(now) - 15); day != typed_.end(); ++day)
    most = std::max(most, day->second.size());
  return static_cast<std::int32_t>(most);
}

void FraudReferee::recorded(const std::vector<risk::Record>& records, const std::deque<Deal>& deals) {
  using risk::Feature;
  for (const auto& record : records) {
    tally_.count(
        fmt::format("decisions: {} {}", risk::to_text(record.decision.point), risk::to_text(record.decision.outcome)));
    if (!decisions_.insert(record.id).second) throw Broken(8, "a decision was recorded twice", record.id.text());
    const auto usual = record.features.get(Feature::kCountryVerifiedMax).value_or(0);
    if (usual > typed_at_most(record.at))
      throw Broken(8, "somebody was counted twice on a day",
                   fmt::format("{} typed codes on a day, of at most {}", usual, typed_at_most(record.at)));
    if (!record.transaction) continue;
    const auto counted = counted_.find(*record.transaction);
    touched_.insert(*record.transaction);
    ++recorded_[*record.transaction];
    if (counted != counted_.end()) ++counted->second[static_cast<std::size_t>(record.decision.point)].seen;
    if (record.decision.outcome == risk::Outcome::kAnotherKind) asked_more_.insert(*record.transaction);
    const auto deal = std::ranges::find(deals, *record.transaction, &Deal::id);
    if (deal == deals.end() || record.decision.point != risk::Point::kHold) continue;
    if (record.features.get(Feature::kNewDevice) == 0.0 && !devices_.contains({deal->identity, deal->device}))
      throw Broken(8, "a device counts as hers from which she never approved anything",
                   fmt::format("{} of {}", deal->device, deal->identity));
    auto others = payouts_[deal->payout];
    others.erase(deal->identity);
    if (record.features.get(Feature::kPayoutSubjects).value_or(0) > static_cast<double>(others.size()))
      throw Broken(8, "a payout has more people than approved it", fmt::format("{} has", deal->payout));
  }
  for (const auto& id : std::exchange(touched_, {})) {
    const auto counted = counted_.find(id);
    if (counted == counted_.end()) continue;
    for (std::size_t point = 0; point < risk::kPoints; ++point) {
      const auto& [least, most, seen] = counted->second[point];
      if (static_cast<risk::Point>(point) == risk::Point::kEnrol) continue;  // Of a page, as often as she tries.
      if (seen < least || seen > most)
        throw Broken(8,
                     fmt::format("not one record for one decision: {}", risk::to_text(static_cast<risk::Point>(point))),
                     fmt::format("{}: {} of {} to {}", id.text(), seen, least, most));
    }
  }
}

std::size_t FraudReferee::recorded_for(const TransactionId& id) const {
  const auto found = recorded_.find(id);
  return found == recorded_.end() ? 0 : found->second;
}

void FraudReferee::told(std::string_view identity, bool genuine, bool again, std::size_t received, WallTime now) {
  if (received > 0 && !genuine) throw Broken(8, "a forged token had an effect", std::string(identity));
  if (received > 0 && again) throw Broken(8, "a token had an effect twice", std::string(identity));
  if (received > 1) throw Broken(8, "a token was taken for more than it names", std::string(identity));
  if (received == 1) alerted_[std::string(identity)] = now;
}

bool FraudReferee::is_alerted(std::string_view identity, WallTime now) const {
  const auto found = alerted_.find(identity);
  return found != alerted_.end() && now < found->second + kAlert;
}

}  // namespace countersign::simulation::game
