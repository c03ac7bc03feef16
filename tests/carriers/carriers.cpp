#include "carriers/carriers.h"

#include <algorithm>
#include <array>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <queue>

#include "delivery/backoff.h"
#include "delivery/breaker.h"
#include "domain/routing.h"
#include "support/fake_time.h"

namespace countersign::testing::carriers {

namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr auto kTroubled = minutes(20);
constexpr auto kTimeOut = seconds(10);
constexpr auto kCodeLife = minutes(10);
constexpr auto kInTime = seconds(60);
constexpr std::array<std::int64_t, 2> kPrices{50'000, 80'000};  // The first is cheaper.
/// Of the provider: all people are customers of one.
const Id kTenant{};
const std::vector<std::string> kNames{"first", "second"};

struct Person {
  Duration asks{};
  int country = 0;
  bool proved = false;
  bool reachable = true;
  Id line = {};
  std::optional<Duration> arrived = {};
  int arrivals = 0;
};

/// One message on its way.
struct Sending {
  std::size_t person = 0;
  std::size_t provider = 0;
  Duration made{};
  unsigned attempts = 1;
  bool doubted = false;
  bool once_more = false;  ///< It is the one message more.
  std::vector<std::string> refused_by = {};
};

class Run {
 public:
  explicit Run(const Terms& terms) : terms_(terms), random_(terms.seed) {
    for (int i = 0; i < terms.people; ++i) {
      Person person;
      person.asks = milliseconds(random_.below(static_cast<std::uint32_t>(milliseconds(kTroubled).count())));
      person.country = static_cast<int>(random_.below(2));
      person.proved = chance(terms.proved_percent);
      person.reachable = !chance(2);
      Moment now = moment();
      person.line = Id::make(now);
      people_.push_back(person);
    }
  }

  Figures play() {
    for (std::size_t i = 0; i < people_.size(); ++i) {
      at(people_[i].asks, [this, i] {
        Sending sending;
        sending.person = i;
        sending.made = now_;
        sending.provider = domain::routing::first_of(candidates(people_[i].country, true)).value_or(0);
        call(std::move(sending));
      });
    }
    while (!due_.empty()) {
      auto next = std::move(due_.begin()->second);
      now_ = due_.begin()->first;
      due_.erase(due_.begin());
      next();
    }
    for (const auto& person : people_) {
      if (!person.reachable) continue;
      ++figures_.reachable;
      if (person.arrived && *person.arrived - person.asks <= kInTime) ++figures_.in_time;
      if (person.arrivals > 1) ++figures_.twice;
    }
    return figures_;
  }

 private:
  bool chance(int percent) { return static_cast<int>(random_.below(100)) < percent; }
  void at(Duration when, std::function<void()> what) { due_.emplace(when, std::move(what)); }
  [[nodiscard]] MonotonicTime clock() const { return MonotonicTime(now_); }
  [[nodiscard]] Moment moment() { return {from_micros(0) + now_, random_}; }

  [[nodiscard]] std::vector<domain::routing::Candidate> candidates(int country, bool may_try) {
    std::vector<domain::routing::Candidate> list;
    const std::size_t size = terms_.way == Way::kOneProvider ? 1 : kNames.size();
    bool works = false;
    for (std::size_t i = 0; i < size; ++i) {
      auto& silence = silences_[{i, country}];
      silence.look(clock());
      const bool passed_over = silence.silent() && !(may_try && !works && silence.take_trial());
      const bool known = terms_.way == Way::kKnown && troubles(i, country);
      list.push_back({.name = kNames[i], .failing = known || !breakers_[i].admits(clock()) || passed_over});
      works = works || !list.back().failing;
    }
    return list;
  }
  /// Whether the provider is in trouble now, in that country.
  [[nodiscard]] bool troubles(std::size_t provider, int country) const {
    if (provider != 0 || now_ > kTroubled || terms_.trouble == Trouble::kNone) return false;
    return terms_.trouble != Trouble::kOneCountry || country == 0;
  }
  /// What becomes of this message.
  [[nodiscard]] Trouble trouble_of(const Sending& sending) {
    if (!troubles(sending.provider, people_[sending.person].country)) return Trouble::kNone;
    const auto lost = [&](int percent) { return chance(percent) ? Trouble::kSwallows : Trouble::kNone; };
    if (terms_.trouble == Trouble::kHalf) return lost(50);
    if (terms_.trouble == Trouble::kThird) return lost(33);
    return terms_.trouble == Trouble::kOneCountry ? Trouble::kSwallows : terms_.trouble;
  }

  void call(Sending sending) {
    if (!delivery::is_worth_sending(from_micros(0) + sending.made, from_micros(0) + sending.made + kCodeLife,
                                    from_micros(0) + now_))
      return;
    auto& breaker = breakers_[sending.provider];
    if (!breaker.admits(clock())) {
      if (go_on(sending)) return;
      return at(now_ + seconds(1), [this, sending] { call(sending); });
    }
    const bool tried = breaker.started();
    const Trouble trouble = trouble_of(sending);
    const Duration takes = trouble == Trouble::kHangs ? Duration(kTimeOut) : milliseconds(100 + random_.below(400));
    at(now_ + takes, [this, sending, tried, trouble]() mutable { answered(std::move(sending), tried, trouble); });
  }

  void answered(Sending sending, bool tried, Trouble trouble) {
    const bool failed = trouble == Trouble::kRefuses || trouble == Trouble::kHangs;
    breakers_[sending.provider].ended(tried, failed, clock(), random_);
    if (!failed) return accepted(sending, trouble);
    const bool doubtful = trouble == Trouble::kHangs;
    if (domain::routing::goes_on({false, doubtful, true}) && go_on(sending)) return;
    delivery::ProviderError error{delivery::Fault::kUnavailable,
                                  delivery::PersonNotice::kTemporarilyUnavailable,
                                  "",
                                  "",
                                  std::nullopt,
                                  doubtful,
                                  true};
    Moment now = moment();
    const auto made = from_micros(0) + sending.made;
    const auto again =
        delivery::next_code_attempt(error, {made, made + kCodeLife, sending.attempts, sending.doubted, false}, now);
    if (!again) return;
    ++sending.attempts;
    sending.doubted = sending.doubted || doubtful;
    sending.refused_by.clear();
    at(*again - from_micros(0), [this, sending] { call(sending); });
  }

  bool go_on(Sending& sending) {
    auto tried = sending.refused_by;
    tried.push_back(kNames[sending.provider]);
    const auto next = domain::routing::next_of(candidates(people_[sending.person].country, false), tried);
    if (!next) return false;
    sending.refused_by = std::move(tried);
    sending.provider = *next;
    call(sending);
    return true;
  }

  void accepted(const Sending& sending, Trouble trouble) {
    ++figures_.messages;
    figures_.micros += kPrices.at(sending.provider);
    const auto& person = people_[sending.person];
    // Most within seconds; one of fifty takes up to a minute.
    const Duration takes =
        milliseconds(1500 + random_.below(6000)) + (chance(2) ? seconds(random_.below(60)) : seconds(0));
    const bool arrives = trouble == Trouble::kNone && person.reachable;
    const bool reported = arrives && chance(97);
    const auto place = std::pair(sending.provider, person.country);
    auto& delays = delays_[place];
    if (terms_.way != Way::kOneProvider && terms_.way != Way::kInOrder && !sending.once_more && person.proved) {
      const Duration wait = domain::routing::report_wait(std::vector<Duration>(delays.begin(), delays.end()));
      if (!reported || takes > wait) at(now_ + wait, [this, sending] { once_more(sending); });
    }
    if (arrives) at(now_ + takes, [this, sending] { arrive(people_[sending.person]); });
    if (reported) {
      at(now_ + takes, [this, &delays, place, takes] {
        silences_[place].delivered(from_micros(0) + now_ - takes);
        delays.push_back(takes);
        if (delays.size() > domain::routing::kDelaysKept) delays.pop_front();
      });
    }
  }

  void arrive(Person& person) {
    ++person.arrivals;
    if (!person.arrived) person.arrived = now_;
  }

  /// Unless she has typed the code.
  void once_more(const Sending& sending) {
    const auto& person = people_[sending.person];
    if (person.arrived && now_ - *person.arrived > seconds(15)) return;
    static_cast<void>(
        silences_[{sending.provider, person.country}].unreported(person.line, kTenant, from_micros(0) + now_));
    const auto next =
        domain::routing::next_of(candidates(person.country, false), std::vector<std::string>{kNames[sending.provider]});
    if (!next) return;
    Sending more;
    more.person = sending.person;
    more.provider = *next;
    more.made = now_;
    more.once_more = true;
    call(std::move(more));
  }

  const Terms terms_;
  SeededRandom random_;
  Duration now_{};
  std::vector<Person> people_;
  std::multimap<Duration, std::function<void()>> due_;
  std::array<delivery::Breaker, 2> breakers_;
  std::map<std::pair<std::size_t, int>, std::deque<Duration>> delays_;
  std::map<std::pair<std::size_t, int>, domain::routing::Silence> silences_;
  Figures figures_;
};

}  // namespace

std::string name_of(Trouble trouble) {
  constexpr std::array<std::string_view, 7> kWords{
      "none", "refuses", "hangs", "swallows", "swallows one country of two", "loses half", "loses one of three"};
  return std::string(kWords.at(static_cast<std::size_t>(trouble)));
}

std::string name_of(Way way) {
  constexpr std::array<std::string_view, 4> kWords{"one provider", "in order", "in order, with reports",
                                                   "known at once"};
  return std::string(kWords.at(static_cast<std::size_t>(way)));
}

Figures simulate(const Terms& terms) { return Run(terms).play(); }

}  // namespace countersign::testing::carriers
