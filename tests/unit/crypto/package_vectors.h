#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace countersign::testing {

using Record = std::map<std::string, std::string, std::less<>>;

/// The records of one `NAME = value` file of Debian's python3-cryptography-vectors. A record ends where a name comes
/// again. Empty, after saying so, where the package is not installed.
[[nodiscard]] std::vector<Record> package_vectors(std::string_view path);

/// What lies in that package under `path`, as it is; empty where it is not installed.
[[nodiscard]] std::string package_file(std::string_view path);

}  // namespace countersign::testing
