#include "support/fake_time.h"

namespace countersign::testing {

void FakeClock::advance(Duration by) {
  now_ = now_.load() + by;
  monotonic_ = monotonic_.load() + by;
}

void FakeClock::jump(Duration by) { now_ = now_.load() + by; }

void SeededRandom::fill(std::span<std::uint8_t> out) {
  const std::lock_guard lock(mutex_);
  for (auto& byte : out) {  // SplitMix64, one byte of each step.
    state_ += 0x9E3779B97F4A7C15;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    byte = static_cast<std::uint8_t>((z ^ (z >> 31)) >> 32);
  }
}

}  // namespace countersign::testing
