#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "store/repository/resources.h"
#include "usecase/context.h"
#include "usecase/verify/refusal.h"

namespace countersign::usecase::verify {

/// One of the small collections: what its members are called, how many there may be, and why one is refused.
struct Collection {
  std::string_view kind;
  std::int64_t max;
  Fault full;
  Fault duplicate;
};

inline constexpr Collection kRateLimits{"rate_limit", 10, Fault::kMaxRateLimits, Fault::kRateLimitExists};
inline constexpr Collection kBuckets{"bucket", 5, Fault::kMaxBuckets, Fault::kBucketExists};
inline constexpr Collection kCountries{"messaging_configuration", 300, Fault::kForbidden, Fault::kCountryExists};
inline constexpr Collection kSafeList{"safe_list", 100'000, Fault::kForbidden, Fault::kSafeListed};
inline constexpr Collection kTemplates{"template", 500, Fault::kForbidden, Fault::kInvalidParameter};
inline constexpr Collection kWebhooks{"webhook", 500, Fault::kForbidden, Fault::kInvalidParameter};

/// Who owns the member: the service, the rate limit, or nobody but the account.
[[nodiscard]] Verdict<store::Resource> add_to(store::Tx& tx, const Context& context, const Caller& caller,
                                              const Collection& collection, const Id& parent, std::string unique_name,
                                              json::object content, Moment& moment);
/// Members of `changes` replace those of the content.
[[nodiscard]] Verdict<store::Resource> change_in(store::Tx& tx, const Context& context, const Caller& caller,
                                                 const Collection& collection, const Id& parent, const Id& id,
                                                 const json::object& changes, Moment& moment);
[[nodiscard]] Verdict<Done> remove_from(store::Tx& tx, const Context& context, const Caller& caller,
                                        const Collection& collection, const Id& parent, const Id& id, Moment& moment);
[[nodiscard]] Verdict<store::Resource> show_in(store::Tx& tx, const Context& context, const Caller& caller,
                                               const Collection& collection, const Id& parent, const Id& id);
[[nodiscard]] Verdict<store::Resource> show_named(store::Tx& tx, const Context& context, const Caller& caller,
                                                  const Collection& collection, const Id& parent,
                                                  std::string_view unique_name);

}  // namespace countersign::usecase::verify
