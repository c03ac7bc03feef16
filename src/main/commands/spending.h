#pragma once

#include <iosfwd>
#include <string>

#include "base/random.h"
#include "base/time.h"
#include "main/config/config.h"

namespace countersign::main {

struct SpendingCommand {
  enum class Action { kShow, kStop, kStart } action = Action::kShow;
  std::string account;  ///< Empty: all.
};

/// Stops all messages that cost money, or starts them again, or says whether they are stopped. Answers the exit status.
int run_spending_command(const Config& config, const SpendingCommand& command, Clock& clock, Random& random,
                         std::ostream& out, std::ostream& err);

}  // namespace countersign::main
