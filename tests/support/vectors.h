#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

namespace countersign::testing {

/// Reads the whole file. Aborts if it cannot be read: a missing vector file must not look like a passed test.
[[nodiscard]] std::string read_file(const std::filesystem::path& path);

/// One of the committed vector files, `tests/vectors/NAME`. Parsed leniently (Boost.JSON), because vectors contain
/// numbers and texts that our own strict parser rejects.
[[nodiscard]] json::value own_vectors(std::string_view name);

/// One of other projects' vector files, if a folder with them is named by CS_EXTRA_VECTORS or is at
/// ../shared/vectors/third-party beside the repository; nullopt otherwise, and the test reports that it did not run.
[[nodiscard]] std::optional<json::value> extra_vectors(std::string_view name);

/// A vector's field as text, and as the bytes of its hexadecimal text. Throws if it is neither.
[[nodiscard]] std::string text_of(const json::value& value);
[[nodiscard]] std::string bytes_of_hex(const json::value& value);

}  // namespace countersign::testing
