#pragma once

#include <functional>
#include <iosfwd>
#include <optional>
#include <span>
#include <string>

#include "base/random.h"
#include "base/time.h"
#include "main/config.h"

namespace countersign::app {

struct ApiKeyCommand {
  enum class Action { kCreate, kList, kRevoke } action;
  std::string account;                 ///< create, list
  std::string name;                    ///< create
  std::optional<Duration> expires_in;  ///< create; absent: never
  std::string id;                      ///< revoke: `SK…`
};

/// The commands whose work needs the whole house; the composition root brings them. Each answers the exit status.
struct Commands {
  std::function<int(const Config&)> serve;
  std::function<int(const Config&, const ApiKeyCommand&)> api_key;
};

/// What a command line touches outside of its arguments.
struct Surroundings {
  Environment environment;
  Random& random;
  std::ostream& out;
  std::ostream& err;
};

/// Parses `arguments` (without the program's name) and does what they ask. Answers the exit status: 0 for success, 1
/// for what could not be done, 2 for a command line that makes no sense. Errors are one line on `err`.
[[nodiscard]] int run_command_line(std::span<const std::string> arguments, const Commands& commands,
                                   const Surroundings& surroundings);

}  // namespace countersign::app
