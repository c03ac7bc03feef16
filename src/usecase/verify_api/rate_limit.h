#pragma once

#include <cstdint>
#include <optional>

#include "usecase/verify_api/collection.h"

namespace countersign::usecase::verify_api {

// A rate limit of a service is a name with buckets; each bucket allows `max` in `interval` seconds. They are members of
// the collections kRateLimits and kBuckets. Each function writes the audit events of its changes.

/// Buckets of one limit must have different intervals.
[[nodiscard]] Verdict<Resource> add_bucket(const Work& work, const Id& limit, std::int64_t max, std::int64_t interval);

struct BucketChange {
  std::optional<std::int64_t> max{};
  std::optional<std::int64_t> interval{};  ///< Seconds.
};
/// kBucketExists if another bucket of the limit has that interval; then nothing is changed, and the caller rolls back.
[[nodiscard]] Verdict<Resource> change_bucket(const Work& work, const Id& limit, const Id& id,
                                              const BucketChange& change);

/// With its buckets.
[[nodiscard]] Verdict<Done> remove_rate_limit(const Work& work, const Id& service, const Id& id);

}  // namespace countersign::usecase::verify_api
