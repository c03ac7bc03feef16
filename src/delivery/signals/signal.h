#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "delivery/http_client.h"

namespace countersign::delivery {

// Signals: what others know about a telephone line or a transaction before the person is asked. They cost money and
// time, they can be wrong, and nobody is held up for them: what is not answered in time is unknown. [PSTN-2]

/// What somebody will use of an answer about a line. A source that sells each by itself asks for no more.
struct SignalWishes {
  bool sim_change = true;
  bool line_type = true;
};

/// What is asked. A source reads only what it needs.
struct SignalQuestion {
  std::string id;     ///< Of this question: letters, digits, `_` and `-`. In the headers of requests.
  std::string phone;  ///< E.164; empty: there is no line to ask about.
  /// For an operator's own model: features and words by their names in rules (docs/fraud.md). Never an address.
  std::vector<std::pair<std::string, double>> numbers;
  std::vector<std::pair<std::string, std::string>> words;
  SignalWishes wishes = {};
  /// Names of sources that nobody pays for: of them only what is remembered is used.
  std::vector<std::string> unpaid = {};
};

/// When the SIM of a line changed. Where only a period is known, it lies between the two, else they are equal.
struct SimChange {
  WallTime earliest;
  WallTime latest;
  friend bool operator==(const SimChange&, const SimChange&) = default;
};

/// What was answered. Absent: the source does not say, or says that there was none.
struct Findings {
  std::optional<SimChange> sim_change;
  std::string line_type;        ///< `mobile`, `landline`, `voip`, …; empty: not known.
  std::optional<double> score;  ///< 0 to 1, of the operator's model.
  friend bool operator==(const Findings&, const Findings&) = default;
};

/// Why a signal is unknown.
enum class SignalFault : std::uint8_t {
  kTimeout,        ///< No answer within the deadline.
  kUnavailable,    ///< No connection, 5xx, 429, or a redirect, which is never followed.
  kMisconfigured,  ///< The operator must fix it: credentials, a scope, a period that the source does not keep.
  kNotServed,      ///< The source does not know this line: another carrier, a landline.
  kUnreadable,     ///< HTML, not JSON, too large, other members or types than documented.
  kImplausible,    ///< It says what cannot be: a change in the future, another number than the one asked for.
  kPaused,         ///< Its circuit breaker is open.
  kCeiling,        ///< More questions than `per_hour`, or no money is left for them.
  kNoLine,         ///< It needs a telephone line, and there is none.
};
/// `timeout`, `unavailable`, …
[[nodiscard]] std::string_view name_of(SignalFault fault);

/// Whether the source itself fails, whatever the line: counts for its circuit breaker.
[[nodiscard]] bool is_outage(SignalFault fault);

using SignalResult = Result<Findings, SignalFault>;
using SignalDone = std::move_only_function<void(SignalResult)>;

/// One source of signals.
///
/// Thread-safe. `done` runs exactly once, on a thread of the source or within ask(), no later than `within` after the
/// call, but for what the machine is late; it must not throw or block.
class SignalSource {
 public:
  virtual ~SignalSource() = default;
  virtual void ask(const SignalQuestion& question, std::chrono::milliseconds within, SignalDone done) = 0;
  /// It is about the line alone: so the answer may be used for the same line again, and without a line it is not asked.
  [[nodiscard]] virtual bool is_about_line() const = 0;
};

/// Divides a time limit between the wait for a slot and the transfer of one call.
void limit(HttpCall& call, std::chrono::milliseconds within);
/// The fault of a missing answer, or of one with an unexpected status, by that alone.
[[nodiscard]] SignalFault fault_of(const HttpResult& result);

/// A change reported for that time. nullopt if it lies in the future, beyond what clocks differ.
[[nodiscard]] std::optional<SimChange> changed_at(WallTime at, WallTime now);

}  // namespace countersign::delivery
