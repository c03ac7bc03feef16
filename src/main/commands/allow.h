#pragma once

#include <iosfwd>
#include <string>

#include "base/random.h"
#include "base/time.h"
#include "main/config/config.h"

namespace countersign::main {

struct AllowCommand {
  std::string address;  ///< E.164, or a mailbox.
  std::string channel;  ///< Empty: all.
  std::string account;  ///< Empty: all.
};
/// Answers the exit status.
[[nodiscard]] int run_allow_command(const Config& config, const AllowCommand& command, Clock& clock, Random& random,
                                    std::ostream& out, std::ostream& err);

}  // namespace countersign::main
