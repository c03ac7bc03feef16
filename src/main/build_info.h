#pragma once

#include <string_view>

namespace countersign::main {

/// What this program was built from.
struct BuildInfo {
  std::string_view version;
  std::string_view
      commit;  ///< Of the repository, 12 digits, at the last run of CMake; `unknown` outside of a repository.
};
extern const BuildInfo kBuild;

}  // namespace countersign::main
