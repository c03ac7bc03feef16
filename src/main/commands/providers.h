#pragma once

#include <iosfwd>
#include <string>

#include "base/random.h"
#include "base/time.h"
#include "main/config/config.h"

namespace countersign::main {

struct ProvidersCommand {
  enum class Action { kList, kDrain, kUndrain, kFreeze, kUnfreeze } action = Action::kList;
  std::string name;  ///< Of all but kList.
};
/// Answers the exit status.
[[nodiscard]] int run_providers_command(const Config& config, const ProvidersCommand& command, Clock& clock,
                                        Random& random, std::ostream& out, std::ostream& err);

}  // namespace countersign::main
