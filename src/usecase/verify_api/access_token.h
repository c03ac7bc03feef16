#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "usecase/verify_api/service.h"

namespace countersign::usecase::verify_api {

/// A word of the application to one phone: it may register one device for that identity, once, within the token's life,
/// and nothing else.
struct AccessToken {
  Id id;
  std::string identity;
  std::string friendly_name;  ///< Of the device; empty: the device says it itself.
  std::int64_t ttl = 60;      ///< Seconds.
  WallTime created_at;
  bool used = false;
};

struct NewAccessToken {
  std::string identity;
  std::string friendly_name;
  std::int64_t ttl = 60;
};
struct CreatedAccessToken {
  AccessToken view;
  SecretString token;  ///< Shown once. [CRY-4]
};
[[nodiscard]] Verdict<CreatedAccessToken> create_access_token(const Work& work, const ServiceId& service,
                                                              const NewAccessToken& given);
/// Until an hour after its life.
[[nodiscard]] Verdict<AccessToken> find_access_token(const Work& work, const ServiceId& service, const Id& id);

/// What a password says if it is such a token.
struct AccessClaim {
  AccountId account;
  Id id;
  SecretString secret;
};
[[nodiscard]] std::optional<AccessClaim> read_access_claim(std::string_view password);
/// The token, if it is that service's, lives and was not used. The look of a sign-in, and again in the unit that uses
/// it.
[[nodiscard]] std::optional<AccessToken> look_for_access_token(const Work& work, const ServiceId& service,
                                                               const AccessClaim& claim);
/// Spends it: the device is registered in the same database transaction.
void spend_access_token(const Work& work, const ServiceId& service, const AccessToken& token);

}  // namespace countersign::usecase::verify_api
