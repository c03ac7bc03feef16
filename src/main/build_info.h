#pragma once

#include <string_view>

namespace countersign::app {

/// What this program was built from.
struct BuildInfo {
  std::string_view version;
  std::string_view commit;  ///< Of the repository, 12 digits, as of the last run of CMake; `unknown` outside of one.
};
extern const BuildInfo kBuild;

}  // namespace countersign::app
