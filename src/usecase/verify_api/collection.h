#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "store/repository/resources.h"
#include "usecase/verify_api/refusal.h"
#include "usecase/work.h"

namespace countersign::usecase::verify_api {

/// A small collection: names of its members, maximum size, and errors.
struct Collection {
  std::string_view kind;
  std::int64_t max;
  ErrorCode full;
  ErrorCode duplicate;
};

inline constexpr Collection kRateLimits{"rate_limit", 10, ErrorCode::kMaxRateLimits, ErrorCode::kRateLimitExists};
inline constexpr Collection kBuckets{"bucket", 5, ErrorCode::kMaxBuckets, ErrorCode::kBucketExists};
inline constexpr Collection kCountries{"messaging_configuration", 300, ErrorCode::kForbidden,
                                       ErrorCode::kCountryExists};
inline constexpr Collection kSafeList{"safe_list", 100'000, ErrorCode::kForbidden, ErrorCode::kSafeListed};
inline constexpr Collection kTemplates{"template", 500, ErrorCode::kForbidden, ErrorCode::kInvalidParameter};
inline constexpr Collection kWebhooks{"webhook", 500, ErrorCode::kForbidden, ErrorCode::kInvalidParameter};

/// A member, for display.
struct Resource {
  Id id;
  Id parent;  ///< The owner: the service or the rate limit; zero if it is the account.
  json::object content;
  WallTime created_at;
  WallTime updated_at;
};

/// `unique_name`: unique among the members of one owner; empty: none.
[[nodiscard]] Verdict<Resource> add_to(const Work& work, const Collection& collection, const Id& parent,
                                       std::string unique_name, json::object content);
/// Members of `changes` replace those of the content with the same name. Empty `changes` change nothing.
[[nodiscard]] Verdict<Resource> change_in(const Work& work, const Collection& collection, const Id& parent,
                                          const Id& id, const json::object& changes);
[[nodiscard]] Verdict<Done> remove_from(const Work& work, const Collection& collection, const Id& parent, const Id& id);
[[nodiscard]] Verdict<Resource> show_in(const Work& work, const Collection& collection, const Id& parent, const Id& id);
[[nodiscard]] Verdict<Resource> show_named(const Work& work, const Collection& collection, const Id& parent,
                                           std::string_view unique_name);

/// In order of creation.
[[nodiscard]] std::vector<Resource> list_in(const Work& work, const Collection& collection, const Id& parent,
                                            const store::ResourceRange& range);

/// Writes the events `rate_limit.created`, `bucket.updated`, `webhook.removed`, …: `what` is the last word.
void note_change(const Work& work, const Collection& collection, std::string_view what, const Id& id);

}  // namespace countersign::usecase::verify_api
