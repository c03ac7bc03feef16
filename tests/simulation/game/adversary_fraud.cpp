#include "simulation/game/adversary.h"

// What he does against the fraud engine, and with it.
namespace countersign::simulation::game {

using contact::Channel;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

const Product::Key kApplications{"api:game", false};  ///< Behind a session of hers.
const Product::Key kStolen{"api:stolen", true};       ///< Of an operator, where one alone decides nothing.

}  // namespace

void Adversary::meet_the_engine() {
  Table& t = table_;
  switch (t.chance.below(10)) {
    case 0:
      return pose_as_operator();
    case 1:
      return wait_out_review();
    case 2:
      return change_in_review();
    case 3:
      return pump();
    case 4:
      return spend();
    case 5:
      return replay_work();
    case 6:
      return tell_of_her();
    case 7:
      return teach();
    case 8:
      return share_payout();
    default:
      return have_too_much_held();
  }
}

Deal* Adversary::stopped() {
  std::vector<Deal*> found;
  for (auto& deal : table_.deals) {
    if (deal.stopped && !deal.over && (deal.his_link || session())) found.push_back(&deal);
  }
  return found.empty() ? nullptr : table_.chance.pick(found);
}

void Adversary::pose_as_operator() {
  Table& t = table_;
  t.tally.count("poses as an operator");
  if (Deal* deal = stopped()) {
    t.say_about_review(*deal, t.chance.percent(80), kApplications);
    if (t.product.engine().by_two) {
      // One key of theirs has come to him. Its word counts once.
      t.say_about_review(*deal, true, kStolen);
      if (deal->stopped) t.say_about_review(*deal, true, kStolen);
    }
  }
  for (const auto& block : t.product.blocks()) {
    if (t.product.lift(block.id, kApplications).yes)
      throw Broken(4, "an application's key opened a place", block.id.text());
  }
  if (t.product.set_rules({}, kApplications).yes) throw Broken(4, "an application's key changed rules", "");
  t.switch_spending(!t.fraud.is_spending_stopped(), kApplications);
}

void Adversary::wait_out_review() {
  Table& t = table_;
  Deal* deal = stopped();
  if (deal == nullptr) return;
  t.tally.count("reviews waited out");
  const TransactionId id = deal->id;
  t.wait(std::max(Duration{}, Duration(deal->stopped_at + hours(24) - t.now())) + seconds(t.chance.below(3)));
  deal = t.find(id);
  if (deal == nullptr) return;
  if (t.chance.percent(50)) t.work();
  t.say_about_review(*deal, true, t.product.engine().by_two ? kStolen : kApplications);
  t.say_about_review(*deal, true, {"api:ana", true});
  if (session()) t.claim(*deal, Who::kAdversary);
  answer_all(*deal);
}

void Adversary::change_in_review() {
  Table& t = table_;
  Deal* deal = stopped();
  if (deal == nullptr || !session()) return;
  t.tally.count("changes while in review");
  const TransactionId id = deal->id;
  // What he adds meanwhile was not there when it was held.
  const std::size_t mine = own(Thing::kLine);
  t.give(victim(), Who::kAdversary, mine, Channel::kSms);
  if (t.chance.percent(30) && victim().line != kNone)
    t.remove_contact(victim(), Who::kAdversary, victim().line, Channel::kSms);
  deal = t.find(id);
  if (deal == nullptr) return;
  const auto before = t.arrived();
  t.start(*deal, Who::kAdversary, Channel::kSms, mine);
  t.claim(*deal, Who::kAdversary);
  for (const auto& key : {Product::Key{"api:ana", true}, Product::Key{"api:bruno", true}}) {
    if (deal->stopped) t.say_about_review(*deal, true, key);  // They are fooled.
  }
  t.start(*deal, Who::kAdversary, Channel::kSms, mine);
  const Letter* letter = t.newest(before);
  if (letter != nullptr && letter->his) t.check(*deal, Who::kAdversary, Letter(*letter), deal->his_link);
  if (deal->verified) t.claim(*deal, Who::kAdversary);
}

void Adversary::pump() {
  Table& t = table_;
  t.tally.count("pumping");
  const bool foreign = t.chance.percent(50) || victim().line == kNone;
  const bool skips = t.chance.percent(50);  // RiskCheck=disable, or the safe list.
  const std::size_t times = 2 + t.chance.below(12);
  t.pressed = victim_;
  for (std::size_t i = 0; i < times; ++i) {
    auto& numbers = foreign ? foreign_ : beside_;
    if (numbers.size() < 30) numbers.push_back(foreign ? t.make_foreign_line() : t.make_line_beside(victim().line));
    const std::size_t to = t.chance.percent(70) ? numbers.back() : t.chance.pick(numbers);
    if (skips && t.chance.percent(50)) t.product.put_on_safe_list(t.at(to).address);
    if (t.chance.percent(70)) {
      t.start_code(victim().service, to, Channel::kSms, !skips || t.chance.percent(50));
    } else {
      Table::Wish wish{kNone, Who::kAdversary, victim().service, "any", t.product.policy("any")};
      wish.contacts.emplace_back(to, Channel::kSms);
      if (Deal* deal = t.hold(wish)) t.start(*deal, Who::kAdversary, Channel::kSms, to);
    }
    if (t.chance.one_in(5)) t.wait(minutes(2 + t.chance.below(foreign ? 40 : 3)));
  }
}

void Adversary::spend() {
  Table& t = table_;
  if (!t.product.engine().money) return pump();
  t.tally.count("budgets attacked");
  t.pressed = victim_;
  for (int i = 0; i < 25; ++i) {
    t.product.come_from(fmt::format("198.51.{}.7", 1 + t.chance.below(200)));
    const std::size_t mine = own(Thing::kLine);
    if (!t.start_code(victim().service, mine, Channel::kSms).yes) continue;
    // Of some he proves that they are his.
    const Letter* letter = t.newest(0);
    if (t.chance.percent(30) && letter != nullptr && letter->source == mine)
      t.check_code(victim().service, mine, std::string(letter->code));
  }
}

void Adversary::replay_work() {
  Table& t = table_;
  Deal* deal = this->deal();
  if (deal == nullptr) return;
  const auto work = t.product.work_for_page(deal->id);
  t.wait(seconds(31));
  const std::size_t mine = own(Thing::kLine);
  t.tally.count("work sent again");
  for (int i = 0; i < 3; ++i) t.start_with_work(*deal, Who::kAdversary, Channel::kSms, mine, work);
  if (t.product.accepts_work(deal->id, work)) throw Broken(8, "a proof of work counted twice", deal->id.text());
  if (Deal* other = this->deal(); other != nullptr && other->id != deal->id) {
    const auto fresh = t.product.work_for_page(deal->id);
    t.wait(seconds(31));
    if (t.product.accepts_work(other->id, fresh))
      throw Broken(8, "a proof of work counted for another page", other->id.text());
  }
}

void Adversary::tell_of_her() {
  Table& t = table_;
  const auto& her = victim().identity;
  if (t.chance.percent(40))
    return t.tell(her, t.product.security_token(her, fmt::format("forged-{}", told_++), false), false, false);
  // The issuer itself, before it: what he has is a copy.
  const auto token = t.product.security_token(her, fmt::format("jti-{}", told_++), true);
  t.tell(her, token, true, false);
  for (int i = 0; i < 2; ++i) t.tell(her, token, true, true);
}

void Adversary::teach() {
  Table& t = table_;
  if (!session()) return;
  // He asks from his device until it should look like hers.
  t.tally.count("devices taught");
  for (int i = 0; i < 4; ++i) {
    Table::Wish wish{victim_, Who::kAdversary, victim().service, "any", t.product.policy("any")};
    wish.device = fmt::format("his-{}", victim_);
    wish.payout = "account of his";
    Deal* deal = t.hold(wish);
    if (deal != nullptr && t.chance.percent(30)) answer_all(*deal);
    if (t.chance.one_in(3)) t.wait(seconds(1 + t.chance.below(90)));
  }
}

void Adversary::share_payout() {
  Table& t = table_;
  // To make hers look shared, he asks for it in other names, and in his own again and again.
  t.tally.count("payouts shared");
  for (int i = 0; i < 3; ++i) {
    Table::Wish wish{kNone, Who::kAdversary, victim().service, "any", t.product.policy("any")};
    const std::size_t line = own(Thing::kLine);
    wish.contacts.emplace_back(line, Channel::kSms);
    wish.payout = fmt::format("account of {}", victim().identity);
    wish.device = "his";
    Deal* deal = t.hold(wish);
    if (deal == nullptr) continue;
    const auto before = t.arrived();
    t.start(*deal, Who::kAdversary, Channel::kSms, line);
    const Letter* letter = t.newest(before);
    if (letter != nullptr && letter->his) t.check(*deal, Who::kAdversary, Letter(*letter), true);
    if (t.chance.percent(50)) t.wait(seconds(31 + t.chance.below(200)));
  }
}

void Adversary::have_too_much_held() {
  Table& t = table_;
  if (!session()) return;
  Table::Wish wish{victim_, Who::kAdversary, victim().service, t.chance.pick(Product::policies())};
  wish.policy = t.product.policy(wish.policy_name);
  wish.amount = static_cast<double>(1000 + t.chance.below(t.chance.percent(60) ? 3000 : 9000));
  wish.device = t.chance.percent(30) ? fmt::format("phone of {}", victim().identity) : fmt::format("his-{}", victim_);
  wish.payout = "account of his";
  if (victim().line != kNone && t.chance.percent(40)) wish.contacts.emplace_back(victim().line, Channel::kSms);
  Deal* deal = t.hold(wish);
  if (deal == nullptr) return;
  answer_all(*deal);
  if (deal->verified && !deal->claimed) t.claim(*deal, Who::kAdversary);
}

}  // namespace countersign::simulation::game
