#pragma once

namespace countersign::main {

// Exit statuses of every command; a command may have further ones.
inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;    ///< The command failed.
inline constexpr int kBadUsage = 2;  ///< Invalid command line.

}  // namespace countersign::main
