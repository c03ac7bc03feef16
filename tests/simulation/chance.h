#pragma once

#include <cstdint>
#include <vector>

#include "base/check.h"
#include "base/time.h"

namespace countersign::simulation {

/// Random decisions of actors and faults. Separate from the product's randomness, so that what the product draws does
/// not change the actors' behaviour.
class Chance {
 public:
  explicit Chance(std::uint64_t seed) : state_(seed) {
    state_ = next() ^ 0xD1B54A32D192ED03;  // Otherwise two seeds would give the same stream, shifted.
  }

  std::uint64_t next() {  // SplitMix64.
    state_ += 0x9E3779B97F4A7C15;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }
  /// In [0, bound).
  std::size_t below(std::size_t bound) {
    CS_CHECK(bound > 0);
    return static_cast<std::size_t>(next() % bound);
  }
  bool one_in(std::size_t count) { return below(count) == 0; }
  bool percent(std::size_t share) { return below(100) < share; }
  Duration up_to(Duration longest) {
    return Duration(static_cast<std::int64_t>(below(static_cast<std::size_t>(longest.count()) + 1)));
  }
  template <class T>
  T& pick(std::vector<T>& from) {
    return from[below(from.size())];
  }
  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[below(from.size())];
  }

 private:
  std::uint64_t state_;
};

}  // namespace countersign::simulation
