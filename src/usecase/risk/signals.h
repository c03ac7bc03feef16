#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "delivery/signals/panel.h"
#include "risk/features.h"
#include "usecase/problem.h"
#include "usecase/work.h"

namespace countersign::usecase {

struct HoldRequest;

// What others know before a person is asked, in three steps, since use cases wait for nothing: signals_for() and
// signal_question() say whom to ask what; the caller asks, outside of any transaction; the hold takes what was heard.
// Whatever is not known has no effect. [PSTN-2]

/// What was heard before a hold.
struct HeardSignals {
  std::string phone;  ///< The line that was asked about, E.164; empty: none.
  std::vector<delivery::Heard> all;

  /// The newest change of the line's SIM that any source reports.
  [[nodiscard]] std::optional<delivery::SimChange> sim_change() const;
  /// Of the first source that knows it; empty: none does.
  [[nodiscard]] std::string_view line_type() const;
  /// The highest that any model says.
  [[nodiscard]] std::optional<double> score() const;
};

/// The sources to ask about a transaction of that type at that service (empty: the account's first): those of which a
/// rule in force at kHold, kApprove or kClaim asks what they tell; and those that tell of a changed SIM, while that
/// makes a line wait (`sim_swap_acts`). Reads settings and rules alone; empty for test accounts.
[[nodiscard]] std::vector<std::string> signals_for(const Context& context, const AccountId& account,
                                                   std::string_view service, std::string_view type);

/// On a snapshot. The line is one that counts for the person, the newest; else the first of the request; else the
/// newest that she has. Of what a model is told, only what is known without asking the engine.
[[nodiscard]] delivery::SignalQuestion signal_question(const Work& work, const HoldRequest& request);

/// A SIM swap heard of, as the application's own report: the line waits anew for every subject of the account that has
/// had it since before the swap, once for a swap. Not for whoever was given it later, nor where it was vouched for
/// since. False if nothing changed. Needs a unit that runs beside no other. [STD-11]
bool suspect_swapped_line(const Work& work, const HeardSignals& heard);

/// Puts into `features` what was heard.
void add_signals(risk::Features& features, const HeardSignals& heard, WallTime now);

/// For the audit event of the hold: what was heard, what is unknown and why, and whether the line was made to wait.
class Facts;
void add_signals(Facts& facts, const HeardSignals& heard, bool suspected, WallTime now);

}  // namespace countersign::usecase
