#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

struct evp_pkey_st;

namespace countersign::testing {

/// An authenticator and the browser before it, in software: takes the options that a page gets and answers what the
/// page would send. ES256 keys that can be found without a list; the attestation is "none", or self attestation
/// ("packed") where the options ask for "direct". Its members make it misbehave.
class SoftwareAuthenticator {
 public:
  // What the next answers say.
  bool user_present = true;
  bool user_verified = true;
  bool backup_eligible = false;
  bool backed_up = false;
  /// Added to the counter of a credential before each assertion; 0: it does not count, as synchronised passkeys.
  std::uint32_t counter_step = 1;
  /// Instead of what the options say.
  std::optional<std::string> rp_id;
  std::optional<std::string> challenge;  ///< as base64url
  std::optional<std::string> type;
  std::optional<std::string> top_origin;  ///< and crossOrigin true
  /// One bit of the next signature is wrong.
  bool wrong_signature = false;

  /// navigator.credentials.create() on a page of `origin`, then toJSON(): RegistrationResponseJSON. nullopt where the
  /// authenticator holds one of the excluded credentials, as a browser then refuses with InvalidStateError.
  [[nodiscard]] std::optional<json::object> create(const json::object& creation_options, std::string_view origin);

  /// navigator.credentials.get(): AuthenticationResponseJSON. nullopt where it has no credential for the options.
  [[nodiscard]] std::optional<json::object> get(const json::object& request_options, std::string_view origin);

  /// Sets the counter of a credential, by its id in base64url: a copy that is behind, or an authenticator that was
  /// reset.
  void set_counter(const std::string& id, std::uint32_t counter);

 private:
  struct Credential {
    std::string rp_id;
    std::string user_id;
    std::shared_ptr<evp_pkey_st> key;
    std::uint32_t counter = 0;
  };

  [[nodiscard]] std::string client_data(std::string_view type_asked, const json::object& options,
                                        std::string_view origin) const;
  [[nodiscard]] std::string authenticator_data(std::string_view rp, std::uint32_t counter,
                                               std::string_view credential) const;
  [[nodiscard]] std::string sign(const Credential& credential, std::string_view message) const;
  [[nodiscard]] std::map<std::string, Credential>::iterator find(const json::object& request_options);

  std::map<std::string, Credential> credentials_;  ///< by id in base64url
};

}  // namespace countersign::testing
