#include "domain/conversion.h"

#include <algorithm>
#include <cmath>

namespace countersign::domain::conversion {

namespace {

constexpr std::size_t kDigitsLeftOut = 4;
constexpr double kSpread = 2.58;  ///< Of a normal variable: outside are one of a hundred.

/// Wilson's interval for the part that succeeds.
struct Interval {
  double rate;
  double low;
  double high;
};
Interval interval_of(const Learned& learned) {
  const double n = learned.samples;
  const double rate = learned.credit / (n * kCreditMax);
  const double z2 = kSpread * kSpread;
  const double centre = (rate + z2 / (2 * n)) / (1 + z2 / n);
  const double half = kSpread / (1 + z2 / n) * std::sqrt(rate * (1 - rate) / n + z2 / (4 * n * n));
  return {rate, centre - half, centre + half};
}

Learned with_share(Learned learned, int share, WallTime now) {
  return {std::clamp(share, kShareMin, kShareMax), 0, 0, learned.halved_at, now};
}

/// `best`: of the others that enough is known of; nullopt: of none.
Learned step(const Learned& learned, const std::optional<Interval>& best, WallTime now) {
  if (now - learned.stepped_at < kStepEvery) return learned;
  if (learned.samples < kEnough || !best) {
    const bool forgotten = learned.share < kShareMax && now - learned.stepped_at >= kForgottenAfter;
    return forgotten ? with_share(learned, learned.share * 2, now) : learned;
  }
  const Interval own = interval_of(learned);
  const double behind = best->rate - own.rate;
  if (behind * 100 >= kFar && own.high < best->low)
    return learned.share > kShareMin ? with_share(learned, learned.share / 2, now) : learned;
  if (learned.share < kShareMax && learned.samples >= kEnoughToRise && behind * 100 <= kNear)
    return with_share(learned, learned.share * 2, now);
  return learned;
}

}  // namespace

std::string prefix_of(std::string_view address) {
  if (!address.starts_with('+') || address.size() <= 1 + kDigitsLeftOut) return {};
  return std::string(address.substr(0, address.size() - kDigitsLeftOut));
}

int attempt_of(int sends) { return std::clamp(sends, 1, 3); }

int credit_of(std::optional<Duration> after) {
  if (!after) return 0;
  return *after <= kPrompt ? kCreditMax : kCreditMax / 2;
}

Learned aged(Learned learned, WallTime now) {
  constexpr auto kDay = std::chrono::hours(24);
  while (now - learned.halved_at >= kDay && learned.samples > 0) {
    learned.samples /= 2;
    learned.credit = std::min(learned.credit / 2, learned.samples * kCreditMax);
    learned.halved_at += kDay;
  }
  if (learned.samples == 0) learned.halved_at = std::max(learned.halved_at, now);
  return learned;
}

Learned with_sample(Learned learned, int credit, WallTime now) {
  const bool first = learned.stepped_at == WallTime{};
  learned = aged(learned, now);
  if (first) learned.stepped_at = now;
  ++learned.samples;
  learned.credit += std::clamp(credit, 0, kCreditMax);
  if (learned.samples >= kSamplesKept) {
    learned.samples /= 2;
    learned.credit = std::min(learned.credit / 2, learned.samples * kCreditMax);
  }
  return learned;
}

std::vector<Learned> stepped(std::span<const Rival> rivals, WallTime now) {
  std::vector<Learned> before;
  for (const auto& rival : rivals) before.push_back(aged(rival.learned, now));
  std::vector<Learned> after;
  for (std::size_t i = 0; i < rivals.size(); ++i) {
    std::optional<Interval> best;
    for (std::size_t j = 0; j < before.size(); ++j) {
      if (j == i || before[j].samples < kEnough) continue;
      const auto other = interval_of(before[j]);
      if (!best || other.low > best->low) best = other;
    }
    after.push_back(rivals[i].frozen ? before[i] : step(before[i], best, now));
  }
  return after;
}

int weight_of(int configured, int share) { return configured * std::clamp(share, kShareMin, kShareMax); }

}  // namespace countersign::domain::conversion
