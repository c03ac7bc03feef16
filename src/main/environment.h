#pragma once

#include <map>
#include <string>

namespace countersign::app {

/// The variables of the process's environment, as a value, so that tests make their own.
using Environment = std::map<std::string, std::string, std::less<>>;

/// As it is now. Called once, before any thread starts.
[[nodiscard]] Environment system_environment();

}  // namespace countersign::app
