#include "carriers/conversion.h"

#include <fmt/format.h>

#include <array>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "domain/conversion.h"
#include "domain/routing.h"
#include "support/fake_time.h"

namespace countersign::testing::carriers {

namespace {

namespace conversion = domain::conversion;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr auto kDay = hours(24);
constexpr auto kTroubleFrom = hours(2);
constexpr auto kTroubleTo = hours(14);
constexpr auto kWellFrom = hours(18);
constexpr auto kSoon = seconds(60);
constexpr std::array<int, 2> kWeights{3, 1};
constexpr std::array<std::int64_t, 2> kPrice{50'000, 80'000};
constexpr std::array<const char*, 2> kBoth{"first", "second"};
constexpr std::size_t kWeakIn = 0;  ///< The country.

struct Sample {
  WallTime settled_at;
  std::size_t country;
  std::size_t provider;
  int credit;
};

/// Of a hundred.
struct Part {
  int all = 0;
  int good = 0;
  void add(bool is_good) {
    ++all;
    good += is_good ? 1 : 0;
  }
  [[nodiscard]] double percent() const { return all == 0 ? 0 : 100.0 * good / all; }
};

class Day {
 public:
  explicit Day(const DayTerms& terms) : terms_(terms), random_(terms.seed) {}

  DayFigures play() {
    DayFigures figures;
    const auto step = std::chrono::duration_cast<Duration>(kDay) / terms_.people;
    Duration looked{};
    for (int person = 0; person < terms_.people; ++person) {
      const Duration now = step * person;
      for (; looked <= now; looked += minutes(1)) look(looked, figures);
      ask(person, now);
    }
    figures.troubled = troubled_.percent();
    figures.after = after_.percent();
    figures.elsewhere = elsewhere_.percent();
    figures.share_after = learned_[kWeakIn][0].share;
    figures.micros = paid_ / std::max(sent_, 1);
    return figures;
  }

 private:
  bool chance(int percent) { return static_cast<int>(random_.below(100)) < percent; }
  static WallTime at(Duration now) { return from_micros(0) + hours(1) + now; }

  std::size_t provider_for(int person, std::size_t country) {
    std::vector<domain::routing::Candidate> list;
    for (std::size_t i = 0; i < kBoth.size(); ++i)
      list.push_back(
          {.name = kBoth.at(i), .weight = conversion::weight_of(kWeights.at(i), learned_[country][i].share)});
    return domain::routing::preference(list, domain::routing::Sharing::kByWeight, fmt::format("{}", person)).front();
  }

  /// How long the code takes; nullopt: it never arrives.
  std::optional<Duration> delivery(std::size_t provider, std::size_t country, Duration now) {
    const bool trouble = provider == 0 && country == kWeakIn && now >= kTroubleFrom && now < kTroubleTo;
    if (trouble && terms_.weakness == Weakness::kPoor && chance(40)) return std::nullopt;
    if (trouble && terms_.weakness == Weakness::kLate && chance(50)) return seconds(120 + random_.below(240));
    return milliseconds(1500 + random_.below(6000));
  }

  void ask(int person, Duration now) {
    const std::size_t country = random_.below(2);
    const bool reachable = !chance(2);
    const bool types = !chance(15);  // The others change their minds.
    const bool proved = chance(90);
    const auto provider = provider_for(person, country);
    const auto takes = delivery(provider, country, now);
    const bool arrives = reachable && takes.has_value();
    const Duration typing = seconds(8 + random_.below(20));
    if (country != kWeakIn) {
      if (reachable) elsewhere_.add(arrives && *takes <= kSoon);
    } else if (now >= kTroubleFrom && now < kTroubleTo) {
      if (reachable) troubled_.add(arrives && *takes <= kSoon);
      ++sent_;
      paid_ += kPrice.at(provider);
    } else if (now >= kWellFrom && reachable) {
      after_.add(arrives && *takes <= kSoon);
    }
    if (!proved) return;
    std::optional<Duration> typed;
    if (arrives && types && *takes + typing <= conversion::kSettledAfter) typed = *takes + typing;
    samples_.push_back({at(now) + conversion::kSettledAfter, country, provider, conversion::credit_of(typed)});
  }

  /// Every minute.
  void look(Duration now, DayFigures& figures) {
    for (; !samples_.empty() && samples_.front().settled_at <= at(now); samples_.pop_front()) {
      const auto& sample = samples_.front();
      auto& learned = learned_[sample.country][sample.provider];
      learned = conversion::with_sample(learned, sample.credit, at(now));
    }
    if (!terms_.learned) return;
    for (auto& country : learned_) {
      const std::vector<conversion::Rival> rivals{{country[0]}, {country[1]}};
      const auto after = conversion::stepped(rivals, at(now));
      for (std::size_t i = 0; i < after.size(); ++i) {
        figures.moves += after[i].share != country.at(i).share ? 1 : 0;
        country.at(i) = after[i];
      }
    }
    if (now <= kTroubleTo) figures.share_then = learned_[kWeakIn][0].share;
  }

  const DayTerms terms_;
  SeededRandom random_;
  std::array<std::array<conversion::Learned, 2>, 2> learned_{};
  std::deque<Sample> samples_;
  Part troubled_, after_, elsewhere_;
  int sent_ = 0;
  std::int64_t paid_ = 0;
};

}  // namespace

std::string name_of(Weakness weakness) {
  constexpr std::array<std::string_view, 3> kWords{"none", "loses two of five", "delivers half of them late"};
  return std::string(kWords.at(static_cast<std::size_t>(weakness)));
}

DayFigures simulate_day(const DayTerms& terms) { return Day(terms).play(); }

}  // namespace countersign::testing::carriers
