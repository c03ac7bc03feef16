#include "bench/load/latency_histogram.h"

#include <algorithm>

namespace countersign::bench {

// Values below 64 ns have a bucket each; above, the power of two selects a row and the six bits after the leading one
// the bucket in it.

std::size_t LatencyHistogram::bucket_of(std::uint64_t nanoseconds) {
  if (nanoseconds < kSubBuckets) return static_cast<std::size_t>(nanoseconds);
  const auto shift = static_cast<std::size_t>(std::bit_width(nanoseconds)) - 7;
  const auto sub = static_cast<std::size_t>(nanoseconds >> shift) - kSubBuckets;
  return std::min((shift + 1) * kSubBuckets + sub, kSubBuckets * kPowers - 1);
}

std::uint64_t LatencyHistogram::upper_end_of(std::size_t bucket) {
  if (bucket < kSubBuckets) return bucket;
  const auto shift = bucket / kSubBuckets - 1;
  return ((kSubBuckets + bucket % kSubBuckets + 1) << shift) - 1;
}

void LatencyHistogram::add(std::chrono::nanoseconds latency) {
  ++buckets_[bucket_of(static_cast<std::uint64_t>(std::max<std::int64_t>(latency.count(), 0)))];
  ++count_;
}

void LatencyHistogram::merge(const LatencyHistogram& other) {
  std::ranges::transform(buckets_, other.buckets_, buckets_.begin(), std::plus<>());
  count_ += other.count_;
}

std::chrono::nanoseconds LatencyHistogram::percentile(double share) const {
  if (count_ == 0) return {};
  const auto wanted = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(share * static_cast<double>(count_) + 0.5));
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
    seen += buckets_[bucket];
    if (seen >= wanted) return std::chrono::nanoseconds(upper_end_of(bucket));
  }
  return std::chrono::nanoseconds(upper_end_of(buckets_.size() - 1));
}

}  // namespace countersign::bench
