#include "domain/routing.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "crypto/digest.h"

namespace countersign::domain::routing {

namespace {

/// In (0, 1): the same for the same two texts.
double draw(std::string_view key, std::string_view name) {
  const std::string hash = crypto::sha256(fmt::format("{}:{}{}", key.size(), key, name));
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < 6; ++i) bits = bits << 8 | static_cast<unsigned char>(hash[i]);
  return (static_cast<double>(bits) + 0.5) / static_cast<double>(std::uint64_t{1} << 48);
}

/// The least goes first: the least of several exponential variables is each one's with the probability of its rate's
/// share, so each provider has its share, and a provider's own number does not depend on the others.
double rank(const Candidate& candidate, std::string_view key) {
  if (candidate.weight <= 0) return std::numeric_limits<double>::infinity();
  return -std::log(draw(key, candidate.name)) / candidate.weight;
}

}  // namespace

std::vector<std::size_t> preference(std::span<const Candidate> list, Sharing sharing, std::string_view key) {
  std::vector<std::size_t> places(list.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  if (sharing == Sharing::kInOrder) return places;
  std::vector<double> ranks;
  for (const auto& candidate : list) ranks.push_back(rank(candidate, key));
  std::ranges::stable_sort(places, {}, [&](std::size_t place) { return ranks[place]; });
  return places;
}

std::optional<std::size_t> first_of(std::span<const Candidate> list, std::optional<bool> makes_codes) {
  const auto first = [&](auto wanted) -> std::optional<std::size_t> {
    for (std::size_t i = 0; i < list.size(); ++i) {
      if ((!makes_codes || list[i].makes_codes == *makes_codes) && wanted(list[i])) return i;
    }
    return std::nullopt;
  };
  if (const auto works = first([](const Candidate& c) { return !c.drained && !c.failing; })) return works;
  if (const auto in_use = first([](const Candidate& c) { return !c.drained; })) return in_use;
  return first([](const Candidate&) { return true; });
}

std::optional<std::size_t> next_of(std::span<const Candidate> list, std::span<const std::string> tried) {
  if (tried.size() >= kTriesMax) return std::nullopt;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto& candidate = list[i];
    if (candidate.makes_codes || candidate.drained || candidate.failing) continue;
    if (std::ranges::find(tried, candidate.name) == tried.end()) return i;
  }
  return std::nullopt;
}

bool goes_on(const Answered& answered) { return !answered.accepted && !answered.doubtful && answered.about_provider; }

Duration report_wait(std::span<const Duration> delays) {
  if (delays.size() < kDelaysToLearn) return kWaitUnlearned;
  std::vector<Duration> sorted(delays.begin(), delays.end());
  std::ranges::sort(sorted);
  const Duration usual = sorted[sorted.size() * 19 / 20];
  return std::clamp(usual + usual / 2, kWaitFloor, kWaitCeiling);
}

bool Silence::unreported(const Id& line, const Id& tenant, WallTime now) {
  good_trials_ = 0;
  if (silent_to(tenant)) return false;
  lines_[tenant].insert(line);
  if (!since_ && silent()) since_ = now;
  return silent_to(tenant);
}

void Silence::delivered(WallTime accepted_at) {
  if (since_) {
    if (accepted_at < *since_) return;
    if (++good_trials_ >= kTrialsToTrust)
      *this = {};
    else
      trial_ = true;
    return;
  }
  if (lines_.empty() || ++deliveries_ < kDeliveriesForALine) return;
  deliveries_ = 0;
  for (auto& [tenant, lines] : lines_) lines.erase(lines.begin());
  std::erase_if(lines_, [](const auto& of_one) { return of_one.second.empty(); });
}

bool Silence::silent_to_all() const {
  std::size_t together = 0;
  for (const auto& [tenant, lines] : lines_) together += std::min(lines.size(), kSilentOfOne);
  return together >= kSilentAfter;
}

bool Silence::silent_to(const Id& tenant) const {
  const auto own = lines_.find(tenant);
  return (own != lines_.end() && own->second.size() >= kSilentAfter) || silent_to_all();
}

bool Silence::silent() const {
  const auto alone = [](const auto& of_one) { return of_one.second.size() >= kSilentAfter; };
  return std::ranges::any_of(lines_, alone) || silent_to_all();
}

void Silence::look(MonotonicTime now) {
  if (!silent() || trial_) return;
  if (!trial_at_) {
    trial_at_ = now + kTrialEvery;
  } else if (now >= *trial_at_) {
    trial_ = true;
    trial_at_.reset();
  }
}

}  // namespace countersign::domain::routing
