#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/limits.h"
#include "store/repository/resources.h"
#include "usecase/context.h"
#include "usecase/verify/refusal.h"

namespace countersign::usecase::verify {

/// A service as the Verify-compatible API sees it: one of the configuration, with what that API changed about it, or
/// one that it made, which otherwise is like the account's first. Changes over the API are seen by that API alone.
struct Service {
  ServiceSettings settings;
  Limits limits;
  json::object content;  ///< What the API has set, in the words of its answers.
  WallTime created_at;
  WallTime updated_at;
  bool configured = false;  ///< It stands in the configuration.

  [[nodiscard]] bool flag(std::string_view name) const;
  [[nodiscard]] std::string text(std::string_view name) const;
  /// Of a test service: the code of all its verifications. Nothing of such a service reaches a provider.
  [[nodiscard]] std::optional<std::string> test_code() const;
};

[[nodiscard]] std::optional<Service> find_service(store::Tx& tx, const Context& context, const Caller& caller,
                                                  const ServiceId& id);

/// What tests may leave behind, which is kept as long as what is real: started codes of an account's test services, and
/// requests that write with its test credentials.
inline constexpr domain::Rate kTestStarts{5'000, std::chrono::hours(24)};
inline constexpr domain::Rate kTestWrites{20'000, std::chrono::hours(24)};
inline constexpr std::int64_t kTestServicesMax = 100;
/// Counts one of them for the account, or says that there were too many.
[[nodiscard]] std::optional<Refusal> count_test(store::Tx& tx, const Caller& caller, std::string_view what,
                                                const domain::Rate& rate, WallTime now);

/// `content` has been checked for its form, and has `friendly_name`. kInvalidParameter, with the parameter, for what is
/// looser than domain/ceilings.h lets the configuration be; a value that was stored before is not in force. With test
/// credentials a test service, of which an account has at most kTestServicesMax.
[[nodiscard]] Verdict<Service> create_service(store::Tx& tx, const Context& context, const Caller& caller,
                                              json::object content, Moment& moment);
/// Members of `changes` replace those of the content; objects in it member by member. The same ceilings.
[[nodiscard]] Verdict<Service> update_service(store::Tx& tx, const Context& context, const Caller& caller,
                                              const ServiceId& id, const json::object& changes, Moment& moment);
/// With everything in it but its verifications. Not one of the configuration.
[[nodiscard]] Verdict<Done> remove_service(store::Tx& tx, const Context& context, const Caller& caller,
                                           const ServiceId& id, Moment& moment);

/// In the order of their making.
[[nodiscard]] std::vector<Service> list_services(store::Tx& tx, const Context& context, const Caller& caller,
                                                 const store::ResourceRange& range);

/// Objects are merged member by member, everything else replaces what was there.
void merge_into(json::object& into, const json::object& changes);

}  // namespace countersign::usecase::verify
