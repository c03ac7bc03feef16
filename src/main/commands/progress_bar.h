#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>

#include "base/time.h"

namespace countersign::main {

/// Shows the progress of a long task: on a terminal one line that is redrawn at most ten times a second; elsewhere a
/// line every ten seconds, and one whenever the phase changes.
class ProgressBar {
 public:
  ProgressBar(std::ostream& out, const Clock& clock, bool terminal) : out_(out), clock_(clock), terminal_(terminal) {}

  void show(std::string_view phase, std::string_view what, std::int64_t done, std::int64_t total);
  /// Ends the line, so that later output starts a new one.
  void end();

 private:
  std::ostream& out_;
  const Clock& clock_;
  bool terminal_;
  bool drawn_ = false;
  bool finished_ = false;  // In this phase.
  std::string phase_;
  MonotonicTime next_{};
};

}  // namespace countersign::main
