#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/function_ref.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// Of those signals, the ones that may be asked while the account's spending is as it is: none about a line once it is
/// stopped, because each of those costs. On a snapshot.
[[nodiscard]] std::vector<std::string> affordable_signals(const Work& work, std::vector<std::string> names);

/// Whether a question to any of those has a price that is counted.
[[nodiscard]] bool cost_money(const Settings& settings, const std::vector<std::string>& names);

/// Counts the price of those questions, as a message to that line (may be empty) for somebody who has not proved it:
/// the reserve of a budget is for codes. Answers the names that a budget has no room for; of a signal that has no
/// price, or would not be asked, nothing is counted. `service`: as in a hold.
[[nodiscard]] std::vector<std::string> pay_for_signals(const Work& work, std::string_view service,
                                                       std::string_view phone, const std::vector<std::string>& names,
                                                       FunctionRef<bool(std::string_view)> would_be_asked);

}  // namespace countersign::usecase
