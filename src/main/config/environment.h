#pragma once

#include <map>
#include <string>

namespace countersign::main {

/// The process's environment variables, as a value, so that tests can make their own.
using Environment = std::map<std::string, std::string, std::less<>>;

/// The current one. Call once, before any thread starts.
[[nodiscard]] Environment system_environment();

}  // namespace countersign::main
