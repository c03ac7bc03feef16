#include "delivery/signals/panel.h"

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "delivery/breaker.h"

namespace countersign::delivery {

namespace {

/// Of one ask(): what has come so far.
struct Round {
  std::mutex mutex;
  std::vector<std::optional<Heard>> heard;
  std::size_t missing = 0;
  std::move_only_function<void(std::vector<Heard>)> done;

  void put(std::size_t at, Heard answer) {
    {
      const std::lock_guard lock(mutex);
      heard[at] = std::move(answer);
      if (--missing > 0) return;
    }
    std::vector<Heard> all;
    for (auto& each : heard) all.push_back(*std::move(each));
    done(std::move(all));
  }
};

}  // namespace

struct SignalPanel::State {
  /// An hour in steps of five minutes, so that a burst at a boundary cannot take two hours' worth.
  class HourlyCeiling {
   public:
    [[nodiscard]] bool take(int most, MonotonicTime now) {
      const auto step = now.time_since_epoch() / Duration(std::chrono::minutes(5));
      while (!steps_.empty() && steps_.front().first <= step - 12) {
        taken_ -= steps_.front().second;
        steps_.pop_front();
      }
      if (taken_ >= most) return false;
      if (steps_.empty() || steps_.back().first != step) steps_.emplace_back(step, 0);
      ++steps_.back().second;
      ++taken_;
      return true;
    }

   private:
    std::deque<std::pair<std::int64_t, int>> steps_;
    int taken_ = 0;
  };

  using Told = std::move_only_function<void(const SignalResult&, bool remembered)>;

  struct Seat {
    SignalTerms terms;
    std::unique_ptr<SignalSource> source;
    Breaker breaker = {};
    HourlyCeiling ceiling = {};
    /// Lines that are being asked about, each with what is wished of it.
    std::map<std::string, std::vector<Told>, std::less<>> asking = {};

    [[nodiscard]] std::string key_of(std::string_view line) const { return terms.name + ' ' + std::string(line); }
  };
  static std::string line_of(const SignalQuestion& question) {
    const auto& wishes = question.wishes;
    return question.phone + (wishes.sim_change ? " sim" : "") + (wishes.line_type ? " type" : "");
  }

  struct Remembered {
    Findings findings;
    MonotonicTime until;
  };

  /// What becomes of a question: asked, or known already, or left to another that is under way.
  struct Start {
    std::optional<SignalResult> known = {};
    bool remembered = false;
    bool waits = false;
    bool tried = false;
  };

  State(const Clock& the_clock, Random& the_random, SignalHooks the_hooks)
      : clock(the_clock), random(the_random), hooks(std::move(the_hooks)) {}

  /// `told` is taken only if somebody waits for the answer about that line.
  Start begin(Seat& seat, const SignalQuestion& question, Told& told, MonotonicTime now) {
    const bool about_line = seat.source->is_about_line();
    if (about_line && question.phone.empty()) return {.known = fail(SignalFault::kNoLine)};
    const std::string line = line_of(question);
    const std::lock_guard lock(mutex);
    if (about_line) {
      const auto found = memory.find(seat.key_of(line));
      if (found != memory.end() && now < found->second.until)
        return {.known = found->second.findings, .remembered = true};
      if (const auto asking = seat.asking.find(line); asking != seat.asking.end()) {
        asking->second.push_back(std::move(told));
        return {.waits = true};
      }
    }
    if (!seat.breaker.admits(now)) return {.known = fail(SignalFault::kPaused)};
    const bool unpaid = std::ranges::find(question.unpaid, seat.terms.name) != question.unpaid.end();
    if (unpaid || !seat.ceiling.take(seat.terms.per_hour, now)) return {.known = fail(SignalFault::kCeiling)};
    if (about_line) seat.asking[line].push_back(std::move(told));
    return {.tried = seat.breaker.started()};
  }

  /// As begin() would, as things are.
  [[nodiscard]] bool would_ask(const Seat& seat, const SignalQuestion& question, MonotonicTime now) const {
    const bool about_line = seat.source->is_about_line();
    if (about_line && question.phone.empty()) return false;
    const std::string line = line_of(question);
    const std::lock_guard lock(mutex);
    if (about_line) {
      const auto found = memory.find(seat.key_of(line));
      if ((found != memory.end() && now < found->second.until) || seat.asking.contains(line)) return false;
    }
    return seat.breaker.admits(now);
  }

  /// The answer has come: closes or opens the breaker, remembers, and tells all that wait for it.
  void hear(Seat& seat, const std::string& line, bool tried, MonotonicTime asked_at, const SignalResult& result) {
    const MonotonicTime now = clock.monotonic();
    std::vector<Told> waiting;
    {
      const std::lock_guard lock(mutex);
      seat.breaker.ended(tried, !result && is_outage(result.error()), now, random);
      if (seat.source->is_about_line()) {
        if (result && seat.terms.remember > Duration::zero())
          remember(seat.key_of(line), *result, now + seat.terms.remember, now);
        const auto of_line = seat.asking.find(line);
        waiting = std::move(of_line->second);
        seat.asking.erase(of_line);
      }
    }
    tell(seat.terms.name, result, false, now - asked_at);
    for (auto& each : waiting) each(result, false);
  }

  void remember(const std::string& key, const Findings& findings, MonotonicTime until, MonotonicTime now) {
    if (memory.insert_or_assign(key, Remembered{findings, until}).second) oldest_first.push_back(key);
    while (oldest_first.size() > kRememberedMax || is_over(oldest_first.front(), now)) {
      memory.erase(oldest_first.front());
      oldest_first.pop_front();
    }
  }

  [[nodiscard]] bool is_over(const std::string& key, MonotonicTime now) const { return memory.at(key).until <= now; }

  void tell(std::string_view name, const SignalResult& result, bool from_memory, Duration took) const {
    if (!hooks.on_heard) return;
    const std::string_view good = from_memory ? "remembered" : "answered";
    hooks.on_heard(name, result ? good : name_of(result.error()), took);
  }

  const Clock& clock;
  Random& random;
  SignalHooks hooks;
  std::vector<std::unique_ptr<Seat>> seats;  ///< Fixed once the first question came.

  mutable std::mutex mutex;  // Guards the rest, and what changes in the seats. Never held while an answer is told.
  std::unordered_map<std::string, Remembered> memory;
  std::deque<std::string> oldest_first;  ///< The keys of `memory`, each once.
};

SignalPanel::SignalPanel(const Clock& clock, Random& random, SignalHooks hooks)
    : state_(std::make_shared<State>(clock, random, std::move(hooks))) {}

SignalPanel::~SignalPanel() = default;

void SignalPanel::add(SignalTerms terms, std::unique_ptr<SignalSource> source) {
  state_->seats.push_back(std::make_unique<State::Seat>(State::Seat{std::move(terms), std::move(source)}));
}

bool SignalPanel::would_ask(std::string_view name, const SignalQuestion& question) const {
  const MonotonicTime now = state_->clock.monotonic();
  return std::ranges::any_of(state_->seats, [&](const auto& seat) {
    return seat->terms.name == name && state_->would_ask(*seat, question, now);
  });
}

std::size_t SignalPanel::remembered() const {
  const std::lock_guard lock(state_->mutex);
  return state_->memory.size();
}

void SignalPanel::ask(const std::vector<std::string>& names, const SignalQuestion& question,
                      std::move_only_function<void(std::vector<Heard>)> done) {
  std::vector<State::Seat*> seats;
  for (const auto& name : names) {
    for (const auto& seat : state_->seats) {
      if (seat->terms.name == name) seats.push_back(seat.get());
    }
  }
  if (seats.empty()) return done({});
  auto round = std::make_shared<Round>();
  round->heard.resize(seats.size());
  round->missing = seats.size();
  round->done = std::move(done);
  for (std::size_t at = 0; at < seats.size(); ++at) {
    State::Seat& seat = *seats[at];
    const MonotonicTime now = state_->clock.monotonic();
    const auto tells = [round, at, name = seat.terms.name](const SignalResult& result, bool remembered) {
      round->put(at, Heard{name, result, remembered});
    };
    State::Told told = tells;
    const auto start = state_->begin(seat, question, told, now);
    if (start.waits) continue;
    if (start.known) {
      state_->tell(seat.terms.name, *start.known, start.remembered, Duration::zero());
      told(*start.known, start.remembered);
      continue;
    }
    seat.source->ask(question, seat.terms.within,
                     [state = state_, &seat, line = State::line_of(question), tried = start.tried, now,
                      tells](const SignalResult& result) {
                       state->hear(seat, line, tried, now, result);
                       if (!seat.source->is_about_line()) tells(result, false);
                     });
  }
}

}  // namespace countersign::delivery
