#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <deque>
#include <exception>
#include <string>
#include <string_view>

#include "base/time.h"

namespace countersign::simulation {

/// The event log of a run: keeps the last lines for reading, and a digest of all for comparing two runs.
class Trace {
 public:
  void begin_step(std::uint64_t step) { step_ = step; }
  void note(WallTime now, std::string_view text);

  [[nodiscard]] std::uint64_t step() const { return step_; }
  [[nodiscard]] std::uint64_t digest() const { return digest_; }
  [[nodiscard]] const std::deque<std::string>& last() const { return last_; }

 private:
  static constexpr std::size_t kKept = 60;

  std::uint64_t step_ = 0;
  std::uint64_t digest_ = 0xCBF29CE484222325;
  std::deque<std::string> last_;
};

/// The invariants, by their numbers in docs/simulation.md.
enum class Invariant : int {
  kProved = 1,
  kOneWinner = 2,
  kNothingLost = 3,
  kOnce = 4,
  kAttempts = 5,
  kAudit = 6,
  kDrains = 7,
  kRightCounts = 8,
};

/// The product did something forbidden.
class Violation final : public std::exception {
 public:
  Violation(Invariant which, std::string sentence)
      : invariant(which), text(fmt::format("invariant {}: {}", static_cast<int>(which), sentence)) {}
  [[nodiscard]] const char* what() const noexcept override { return text.c_str(); }

  Invariant invariant;
  std::string text;
};

/// Throws Violation unless `holds`.
template <class... Args>
void require(bool holds, Invariant which, fmt::format_string<Args...> sentence, Args&&... args) {
  if (!holds) throw Violation(which, fmt::format(sentence, std::forward<Args>(args)...));
}

}  // namespace countersign::simulation
