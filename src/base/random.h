#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace countersign {

/// A source of unpredictable bytes. Tests and the simulation pass one that replays a seed.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<std::uint8_t> out) = 0;

  [[nodiscard]] std::string bytes(std::size_t count);

  /// Uniform in [0, bound), without modulo bias. `bound` is at least 1.
  [[nodiscard]] std::uint32_t below(std::uint32_t bound);

  /// `count` decimal digits, each uniform, leading zeros kept. [OTP-1]
  [[nodiscard]] std::string digits(std::size_t count);
};

/// The operating system's generator, buffered per thread in 4 KiB blocks; bytes are wiped from the buffer once used.
/// Thread-safe.
[[nodiscard]] Random& system_random();

}  // namespace countersign
