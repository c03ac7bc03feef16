#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/limits.h"
#include "store/repository/resources.h"
#include "usecase/verify_api/refusal.h"
#include "usecase/work.h"

namespace countersign::usecase::verify_api {

/// A service as the Verify-compatible API sees it: a configured one with that API's changes, or one that the API made,
/// which otherwise behaves like the account's first. Only that API sees its changes.
struct Service {
  ServiceSettings settings;
  domain::Limits limits;
  json::object content;  ///< Members set through the API, named as in its answers.
  WallTime created_at;
  WallTime updated_at;
  bool configured = false;  ///< It is in the configuration.

  [[nodiscard]] bool flag(std::string_view name) const;
  [[nodiscard]] std::string text(std::string_view name) const;
  /// For a test service: the code of all its verifications. A test service never calls a provider.
  [[nodiscard]] std::optional<std::string> test_code() const;
};

[[nodiscard]] std::optional<Service> find_service(const Work& work, const ServiceId& id);

/// Limits on test data, which is kept as long as real data: codes started by an account's test services, and write
/// requests with its test credentials.
inline constexpr domain::Rate kTestStarts{5'000, std::chrono::hours(24)};
inline constexpr domain::Rate kTestWrites{20'000, std::chrono::hours(24)};
inline constexpr std::int64_t kTestServicesMax = 100;
/// Counts one for the account, or refuses it.
[[nodiscard]] std::optional<Refusal> count_test(store::Tx& tx, const Caller& caller, std::string_view what,
                                                const domain::Rate& rate, WallTime now);

/// `content` is well-formed and has `friendly_name`. kInvalidParameter, with the parameter, for a value looser than
/// domain/ceilings.h allows in the configuration, or an RP ID or origin that is not the configuration's
/// (passkey_terms.h); such a value stored earlier is not applied. With test credentials it
/// makes a test service, of which an account has at most kTestServicesMax.
[[nodiscard]] Verdict<Service> create_service(const Work& work, json::object content);
/// Members of `changes` replace those of the content; objects are merged member by member. The same ceilings apply.
[[nodiscard]] Verdict<Service> update_service(const Work& work, const ServiceId& id, const json::object& changes);
/// With everything in it except its verifications. Not for a configured service.
[[nodiscard]] Verdict<Done> remove_service(const Work& work, const ServiceId& id);

/// In order of creation.
[[nodiscard]] std::vector<Service> list_services(const Work& work, const store::ResourceRange& range);

/// Merges objects member by member; replaces everything else.
void merge_into(json::object& into, const json::object& changes);

}  // namespace countersign::usecase::verify_api
