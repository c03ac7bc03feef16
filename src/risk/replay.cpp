#include "risk/replay.h"

#include <algorithm>

namespace countersign::risk {

void Replay::count(Totals& totals, const Recorded& recorded) {
  constexpr double kEstablishedDays = 30;
  ++totals.decisions;
  if (!recorded.person.empty()) {
    totals.people.insert(recorded.person);
    if (recorded.features.get(Feature::kEstablishedDays).value_or(0) > kEstablishedDays)
      totals.established.insert(recorded.person);
  }
  const auto amount = recorded.features.get(Feature::kAmount);
  if (amount && recorded.point == Point::kHold) totals.money[recorded.features.words.currency] += *amount;
}

void Replay::add(const Recorded& recorded) {
  count(all_, recorded);
  auto matches = judge(rules_, recorded.point, recorded.features);
  for (const auto& match : matches) count(by_rule_[match.rule], recorded);
  Leniency leniency;
  leniency.proved_contact = recorded.features.get(Feature::kProvedContact).value_or(0) == 1;
  const Outcome now = decide(recorded.point, std::move(matches), leniency).outcome;
  const auto stops = [](Outcome outcome) { return outcome >= Outcome::kReview; };
  if (stops(now) && !stops(recorded.outcome)) count(stopped_, recorded);
  if (now == Outcome::kAnotherKind && recorded.outcome < Outcome::kAnotherKind) count(asked_, recorded);
  if (!stops(now) && stops(recorded.outcome)) count(missed_, recorded);
}

}  // namespace countersign::risk
