#include "simulation/game/engine.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "base/check.h"

namespace countersign::simulation::game {

namespace {

using risk::Outcome;
using risk::Point;

/// A rule about amounts: from `from` up to `to`.
struct AmountRule {
  std::string_view name;
  Point point;
  double from;
  double to;
  Outcome outcome;
};
constexpr AmountRule kAmountRules[] = {
    {"claim-kind", Point::kClaim, 1500, 2000, Outcome::kAnotherKind},
    {"claim-review", Point::kClaim, 2000, 2500, Outcome::kReview},
    {"claim-refuse", Point::kClaim, 2500, 3000, Outcome::kRefuse},
    {"approve-review", Point::kApprove, 3000, 3500, Outcome::kReview},
    {"approve-kind", Point::kApprove, 3500, 4000, Outcome::kAnotherKind},
    {"hold-kind", Point::kHold, 4000, 6000, Outcome::kAnotherKind},
    {"hold-review", Point::kHold, 6000, 9000, Outcome::kReview},
    {"hold-refuse", Point::kHold, 9000, 99'000, Outcome::kRefuse},
};

risk::Rule rule(std::string_view name, Point point, const std::string& when, Outcome outcome) {
  auto parsed = risk::Expression::parse(when);
  CS_CHECK(parsed.has_value());
  return {std::string(name), {point}, *std::move(parsed), outcome, false, false};
}

Asks asks(Outcome outcome) {
  switch (outcome) {
    case Outcome::kAnotherKind:
      return Asks::kKind;
    case Outcome::kReview:
      return Asks::kReview;
    case Outcome::kRefuse:
      return Asks::kRefuse;
    default:
      return Asks::kNothing;
  }
}

}  // namespace

EngineOptions engine_of(std::uint64_t seed) {
  const auto which = seed % 4;
  return {which == 2 || which == 0, which == 2, which == 3 || which == 0};
}

AsksOf asks_of(const EngineOptions& options, double amount) {
  AsksOf all;
  for (const auto& [name, point, from, to, outcome] : kAmountRules) {
    if (!options.rules || amount < from || amount >= to) continue;
    (point == Point::kHold ? all.at_hold : point == Point::kApprove ? all.at_approve : all.at_claim) = asks(outcome);
  }
  return all;
}

void set_engine(usecase::Settings& settings, const AccountId& id, const EngineOptions& options) {
  auto& account = settings.accounts.at(id);
  account.pumping.mode = risk::PumpingSettings::Mode::kOn;
  account.pumping.expected = {{"BR", 1000}};
  settings.shared_signals = {id};
  settings.review_by_two = options.by_two;
  if (options.rules) {
    auto& rules = account.risk.rules;
    for (const auto& [name, point, from, to, outcome] : kAmountRules)
      rules.push_back(rule(name, point, fmt::format("amount >= {} && amount < {}", from, to), outcome));
    rules.push_back(rule("night-calls", Point::kSend,
                         fmt::format("channel == 'call' && local_hour < {}", kNoCallsUntil), Outcome::kRefuse));
    rules.push_back(rule("night-lists", Point::kEnrol,
                         fmt::format("channel == 'recovery_code' && local_hour < {}", kNoListsUntil),
                         Outcome::kReview));
    rules.push_back(rule("night-apps", Point::kEnrol, fmt::format("channel == 'totp' && local_hour < {}", kNoAppsUntil),
                         Outcome::kRefuse));
    usecase::SignalSettings carrier;
    carrier.name = "carrier";
    carrier.types = {"*"};
    carrier.tells_line_type = carrier.tells_score = false;
    settings.signals = {carrier};
  }
  if (!options.money) return;
  settings.money = {{"BRL", {}}, kMessageCosts, kMessageCosts};
  for (auto& service : account.services) {
    for (auto& [channel, provider] : service.providers) {
      if (contact::uses_phone(channel)) provider.prices = {{"", {kMessageCosts, "BRL"}}};
    }
  }
  account.budgets.account = domain::Budget{kMessagesADay * kMessageCosts, kMessagesReserved * kMessageCosts};
}

}  // namespace countersign::simulation::game
