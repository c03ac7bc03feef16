#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "delivery/signals/signal.h"

namespace countersign::delivery {

struct SignalTerms {
  std::string name;                              ///< Of the configuration.
  std::chrono::milliseconds within{1'500};       ///< Then it is unknown.
  Duration remember = std::chrono::minutes(10);  ///< An answer about a line is used again for that long.
  int per_hour = 3'600;                          ///< Questions of this node that may cost, in a running hour.
};

/// What one source answered.
struct Heard {
  std::string name;
  SignalResult result;
  bool remembered = false;  ///< From memory: nothing was asked, and nothing was paid.
};

/// Who watches, for metrics. Called on any thread, must be cheap and not throw.
struct SignalHooks {
  /// After each answer; `outcome` is `answered`, `remembered`, or a name_of(SignalFault).
  std::function<void(std::string_view name, std::string_view outcome, Duration took)> on_heard = {};
};

/// All sources of signals. It asks several at a time, each with a time limit of its own; holds a circuit breaker for
/// each (delivery/breaker.h); remembers answers about lines, bounded in time and number; and asks once for questions
/// about one line that come together. Thread-safe.
class SignalPanel {
 public:
  static constexpr std::size_t kRememberedMax = 20'000;  ///< Of all sources. The oldest are forgotten first.

  /// Clock and randomness outlive it. Whoever owns the HTTP client of the sources ends that client first.
  SignalPanel(const Clock& clock, Random& random, SignalHooks hooks = {});
  ~SignalPanel();
  SignalPanel(const SignalPanel&) = delete;
  SignalPanel& operator=(const SignalPanel&) = delete;

  /// Before the first ask().
  void add(SignalTerms terms, std::unique_ptr<SignalSource> source);

  /// Asks those sources, in parallel. `done` runs once, when the last one is known or its time is over: within ask(),
  /// or on a thread of a source. In the order of `names`; a name that is not there is left out.
  void ask(const std::vector<std::string>& names, const SignalQuestion& question,
           std::move_only_function<void(std::vector<Heard>)> done);

  /// Whether that source would be asked about it: not where its answer is remembered, it is paused or has no line, or
  /// the same is being asked already. A question that costs is paid for by this.
  [[nodiscard]] bool would_ask(std::string_view name, const SignalQuestion& question) const;

  [[nodiscard]] std::size_t remembered() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace countersign::delivery
