#pragma once

#include <chrono>
#include <filesystem>

namespace countersign::bench {

/// Median time of a page written and fdatasync, one after the other for `duration`, in a file of this folder that has
/// its size already, as a log that is written again: the least that a durable commit takes here. Milliseconds.
[[nodiscard]] double lone_sync_ms(const std::filesystem::path& folder, std::chrono::milliseconds duration);

}  // namespace countersign::bench
