#include "simulation/game/table.h"

// Where the fraud engine is asked, or told something.
namespace countersign::simulation::game {

namespace {

constexpr auto kCarrierKeeps = std::chrono::hours(24 * 30);

}  // namespace

std::optional<usecase::HeardSignals> Table::hear(const usecase::HoldRequest& request, std::set<std::size_t>& swapped) {
  if (!product.engine().rules) return std::nullopt;
  usecase::HeardSignals heard;
  heard.phone = product.line_to_ask_about(request);
  if (heard.phone.empty() || chance.one_in(4)) return std::nullopt;  // The carrier does not answer.
  const std::size_t line = find(heard.phone);
  delivery::Findings findings;
  if (line != kNone && at(line).sim_changed && now() - *at(line).sim_changed < kCarrierKeeps) {
    const WallTime changed = *at(line).sim_changed;
    findings.sim_change = delivery::SimChange{changed, changed};
    if (now() - changed < std::chrono::hours(72)) {
      referee.swap_heard(line, now());
      // Whoever was given the line after the change, or for whom it was vouched or decided since, keeps it.
      const Bound* bound = referee.living(request.identity, line, now());
      const bool before = bound != nullptr && bound->at < changed && bound->service == request.service;
      if (before && !bound->vouched && !bound->kept_at && !bound->ends) swapped.insert(line);
      tally.count("changed SIMs heard of");
    }
  }
  heard.all.push_back({"carrier", findings, false});
  return heard;
}

Answered Table::start_with_work(Deal& deal, Who who, contact::Channel channel, std::optional<std::size_t> source,
                                std::string_view work) {
  const auto answered = product.start(deal.id, channel, source ? std::optional(at(*source).address) : std::nullopt,
                                      deal.operation ? "person" : "api:game", work);
  return note_started(deal, who, source, "its page, with work", answered);
}

Answered Table::start_code(std::string_view service, std::size_t line, contact::Channel channel, bool risk_check) {
  const auto answered = product.start_code(service, at(line).address, channel, risk_check);
  if (answered.yes) tally.count("codes of the Verify API");
  collect();
  look_at_decisions();
  return answered;
}

Answered Table::check_code(std::string_view service, std::size_t line, std::string_view code) {
  const auto answered = product.check_code(service, at(line).address, code);
  if (answered.yes) fraud.typed(line, fmt::format("{} at {}", at(line).address, service), now());
  return answered;
}

void Table::claim(Deal& deal, Who who) {
  std::string payload;
  const auto answered = product.claim(deal.id, "worker", payload);
  const bool first = answered.yes && !deal.claimed;
  fraud.expect(deal.id, risk::Point::kClaim, first ? 1 : 0, first || !answered.yes ? 1 : 0);
  look_at_decisions();
  if (!answered.yes && deal.verified && !deal.stopped && !deal.over) {
    const auto asks = asks_of(product.engine(), deal.amount).at_claim;
    deal.stopped = answered.why == "in_review" || (asks == Asks::kRefuse && answered.why == "transaction_not_held");
    deal.stopped_at = now();
    if (deal.stopped) tally.count("stopped at the claim");
    if (deal.stopped) say("a rule stops the claim of {}: {}", deal.id.text().substr(26), answered.why);
  }
  if (!first) return;
  CS_CHECK(!deal.operation);
  deal.claimed = true;
  say("{} has {} claimed", name_of(who), deal.id.text().substr(26));
  fraud.claimed(deal, payload);
  referee.released(deal, now());
}

bool Table::say_about_review(Deal& deal, bool allow, const Product::Key& key) {
  WallTime expires_at;
  const auto answered = product.say_about_review(deal.id, allow, key, expires_at);
  say("{}{} says {} about {}: {}", key.name, key.admin ? "" : ", without the scope,", allow ? "yes" : "no",
      deal.id.text().substr(26), answered.yes ? std::string_view("taken") : std::string_view(answered.why));
  if (!answered.yes) return false;
  const bool decided = !allow || (answered.status != domain::TransactionStatus::kInReview &&
                                  answered.status != domain::TransactionStatus::kDenied);
  if (allow) deal.yes.insert(key.name);
  fraud.word_taken(deal, key, allow, decided, now());
  if (!decided) return true;
  tally.count(allow ? "reviews allowed" : "reviews refused");
  deal.stopped = !allow;
  deal.over = !allow;
  deal.allowed = allow;
  deal.expires_at = expires_at;
  deal.verified = answered.status == domain::TransactionStatus::kVerified;
  if (deal.verified) fraud.verified(deal);
  work();
  return true;
}

void Table::switch_spending(bool stopped, const Product::Key& key) {
  const auto answered = product.switch_spending(stopped, key);
  say("{} has spending {}: {}", key.name, stopped ? "stopped" : "started",
      answered.yes ? std::string_view("yes") : std::string_view(answered.why));
  if (!answered.yes) return;
  if (!key.admin) throw Broken(7, "an application's key switched spending", key.name);
  fraud.stopped_spending(stopped);
  tally.count(stopped ? "spending stopped" : "spending started");
}

void Table::tell(std::string_view identity, std::string_view token, bool genuine, bool again) {
  const auto answered = product.tell(token);
  say("an issuer tells of {}{}{}: {}", identity, genuine ? "" : ", forged", again ? ", again" : "",
      answered.yes ? std::string_view("yes") : std::string_view(answered.why));
  tally.count(genuine ? again ? "tokens told again" : "tokens told" : "tokens forged");
  fraud.told(identity, genuine, again, product.signals_received(), now());
}

void Table::compare_stored_decisions() {
  for (const auto& deal : deals) {
    const auto listed = product.listed_decisions(deal.id);
    if (listed != fraud.recorded_for(deal.id))
      throw Broken(8, "decisions are not stored once each",
                   fmt::format("{}: {} of {}", deal.id.text(), listed, fraud.recorded_for(deal.id)));
  }
}

void Table::run_second() {
  look_at_decisions();
  product.run_second();
}

std::size_t Table::make_foreign_line() {
  const std::size_t line = make(Thing::kLine, kNone);
  at(line).his = false;  // Whoever is paid for codes need not read them.
  at(line).address = fmt::format("{}5{:03}{:04}", kForeign, line % 1000, 1000 + line % 9000);
  return line;
}

std::size_t Table::make_line_beside(std::size_t line) {
  const std::size_t made = make(Thing::kLine, kNone);
  const std::string& other = at(line).address;
  at(made).address = other.substr(0, other.size() - 4) + fmt::format("{:04}", 1000 + made % 9000);
  return made;
}

}  // namespace countersign::simulation::game
