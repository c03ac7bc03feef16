#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

namespace countersign::testing {

/// The whole file. Fails the process when it cannot be read: a missing vector file must not pass for a green test.
[[nodiscard]] std::string read_file(const std::filesystem::path& path);

/// One of the committed vector files, `tests/vectors/NAME`. Read leniently (Boost.JSON), because vectors hold numbers
/// and texts that our own strict reader refuses by design.
[[nodiscard]] json::value own_vectors(std::string_view name);

/// One of other projects' vector files, where a folder with them is named by CS_EXTRA_VECTORS or stands at
/// ../shared/vectors/third-party beside the repository; nothing otherwise, and the test says that it did not run.
[[nodiscard]] std::optional<json::value> extra_vectors(std::string_view name);

/// A vector's field as text, and as the bytes that its hexadecimal text stands for. Throws where it is neither.
[[nodiscard]] std::string text_of(const json::value& value);
[[nodiscard]] std::string bytes_of_hex(const json::value& value);

}  // namespace countersign::testing
