#include "fraud/engines.h"

#include <algorithm>
#include <utility>

#include "base/random.h"
#include "support/fake_time.h"
#include "usecase/risk/ticket.h"

namespace countersign::testing::fraud {

namespace {

using risk::Counted;
using risk::CountKey;
using risk::Kind;

AccountId account_of_all() {
  AccountId account;
  account.id.raw.fill(7);
  return account;
}

/// An id that holds the number.
template <class AnyId>
AnyId numbered(std::uint64_t number) {
  AnyId id;
  for (std::size_t i = 0; i < sizeof number; ++i) id.id.raw.at(15 - i) = static_cast<std::uint8_t>(number >> (8 * i));
  return id;
}

constexpr auto kPruneEvery = std::chrono::hours(1);

}  // namespace

Product::Product(std::map<std::string, std::int64_t, std::less<>> expected) {
  settings_.mode = risk::PumpingSettings::Mode::kOn;
  settings_.expected = std::move(expected);
}

Answer Product::ask(const Person& person, WallTime now) {
  if (now - pruned_at_ >= kPruneEvery) {
    book_.prune(now);
    // As a single node does each second: what it has written is its own.
    static_cast<void>(book_.take_unwritten());
    book_.learn({}, now);
    pruned_at_ = now;
  }
  usecase::RiskBook::Asked asked{account_of_all(), person.keys};
  const auto figures = book_.figures(asked, settings_.expected_in(person.keys.country), now);
  auto matches = risk::pumping_matches(figures);
  std::ranges::move(book_.blocked(asked, now), std::back_inserter(matches));
  risk::Leniency leniency;
  leniency.proved_contact = person.proved;
  const auto decision = risk::decide(risk::Point::kSend, matches, leniency);
  if (decision.outcome >= risk::Outcome::kAnotherKind) {
    static SeededRandom random(1);
    Moment moment{now, random};
    book_.close(asked, figures, matches, moment);
    return decision.outcome == risk::Outcome::kAnotherKind ? Answer::kMore : Answer::kRefused;
  }
  if (!person.proved) book_.count(std::move(asked), numbered<VerificationId>(person.number), now)->keep();
  return Answer::kSent;
}

void Product::typed(const Person& person, WallTime now) {
  usecase::RiskBook::Asked asked{account_of_all(), person.keys};
  if (person.proved)
    book_.typed_by_established(asked, numbered<SubjectId>(person.number), now);
  else
    book_.typed_by_newcomer(std::move(asked), numbered<VerificationId>(person.number), now);
}

Published::Published() : counts_(1'000'000) {}

Answer Published::ask(const Person& person, WallTime now) {
  if (now - pruned_at_ >= kPruneEvery) {
    counts_.prune(now);
    pruned_at_ = now;
  }
  const auto country = CountKey::of(account_of_all(), Kind::kCountry, person.keys.country);
  const auto address = CountKey::of(account_of_all(), Kind::kAddress, person.keys.address);
  const auto there = counts_.totals(country, now);
  const double usual = counts_.daily_max(CountKey::of(account_of_all(), Kind::kCountryDays, person.keys.country), now);
  const auto unverified = [](const Counted& counted) { return counted.sent - counted.newcomers; };
  const auto verified = [](const Counted& counted) { return static_cast<double>(counted.newcomers); };
  bool closed = unverified(there.day) + 1 > std::max({20.0, 0.3 * usual, 0.3 * verified(there.day)}) ||
                unverified(there.hour) + 1 > std::max({3.0, 0.2 * usual / 6, 0.2 * verified(there.hour)});
  const auto here = counts_.totals(address, now);
  closed = closed || unverified(here.day) + 1 > std::max(10.0, 0.3 * verified(here.day)) ||
           unverified(here.hour) + 1 > std::max(5.0, 0.2 * verified(here.day) / 6);
  if (closed && !person.proved) return Answer::kRefused;
  counts_.add(country, {1, 0, 0}, now);
  counts_.add(address, {1, 0, 0}, now);
  return Answer::kSent;
}

void Published::typed(const Person& person, WallTime now) {
  counts_.add(CountKey::of(account_of_all(), Kind::kCountry, person.keys.country), {0, 1, 0}, now);
  counts_.add(CountKey::of(account_of_all(), Kind::kAddress, person.keys.address), {0, 1, 0}, now);
  counts_.add(CountKey::of(account_of_all(), Kind::kCountryDays, person.keys.country), {0, 0, 1}, now);
}

}  // namespace countersign::testing::fraud
