#pragma once

namespace countersign::app {

// What every command answers to the shell; a command may have further ones.
inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;    ///< Could not be done.
inline constexpr int kBadUsage = 2;  ///< A command line that makes no sense.

}  // namespace countersign::app
