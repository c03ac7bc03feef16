#pragma once

#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace countersign::bench {

/// A latency histogram with buckets of about 1.6 % width, from 1 ns to 18 s: 64 buckets for each power of two. Adding
/// takes a few instructions and no allocation.
class LatencyHistogram {
 public:
  void add(std::chrono::nanoseconds latency);
  void merge(const LatencyHistogram& other);

  [[nodiscard]] std::uint64_t count() const { return count_; }
  /// The latency below which `share` of all values are, such as 0.99. Zero if there are none.
  [[nodiscard]] std::chrono::nanoseconds percentile(double share) const;

 private:
  static constexpr std::size_t kSubBuckets = 64;
  static constexpr std::size_t kPowers = 35;

  [[nodiscard]] static std::size_t bucket_of(std::uint64_t nanoseconds);
  [[nodiscard]] static std::uint64_t upper_end_of(std::size_t bucket);

  std::array<std::uint64_t, kSubBuckets * kPowers> buckets_{};
  std::uint64_t count_ = 0;
};

}  // namespace countersign::bench
