#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "webauthn/public_key.h"

struct evp_pkey_st;

namespace countersign::testing {

/// One passkey or security key in software, of any algorithm, and the browser in front of it: takes options as a page
/// gets them and answers what the page would send. Everything about it can be changed before an answer, also to what
/// no honest one does. Copies have the same key: clones.
class SoftwareAuthenticator {
 public:
  explicit SoftwareAuthenticator(webauthn::Algorithm algorithm = webauthn::Algorithm::kEs256);
  /// Of Ed25519, with the same key and signatures each time for the same name.
  explicit SoftwareAuthenticator(std::string_view name);

  std::string origin = "https://verify.example.com";
  std::string rp_id = "verify.example.com";
  bool user_present = true;
  bool user_verified = true;
  bool backup_eligible = false;
  bool backed_up = false;
  std::uint32_t sign_count = 0;
  bool counts = false;  ///< Raises `sign_count` before each assertion.
  std::string aaguid = std::string(16, '\0');
  std::string credential_id;
  std::vector<std::string> transports{"internal"};
  std::string user_handle{};     ///< As it was registered; set by create().
  bool wrong_signature = false;  ///< One bit of it is wrong.
  // In place of what the options say.
  std::optional<std::string> challenge{};   ///< as base64url
  std::optional<std::string> type{};        ///< of client data
  std::optional<std::string> top_origin{};  ///< and crossOrigin true

  /// RegistrationResponseJSON for PublicKeyCredentialCreationOptionsJSON. The statement is "none", or self attestation
  /// ("packed") where the options ask for "direct".
  [[nodiscard]] json::object create(const json::object& options);
  [[nodiscard]] json::object create(std::string_view options);
  /// AuthenticationResponseJSON for PublicKeyCredentialRequestOptionsJSON, whether or not they name it.
  [[nodiscard]] json::object get(const json::object& options);
  [[nodiscard]] json::object get(std::string_view options);

  /// Whether the options exclude it: then a browser refuses to create another one there.
  [[nodiscard]] bool is_excluded(const json::object& options) const;
  /// Whether the options ask for it: of its site, and listed or without a list.
  [[nodiscard]] bool is_asked(const json::object& options) const;

  [[nodiscard]] webauthn::Algorithm algorithm() const { return algorithm_; }
  [[nodiscard]] std::string cose_key() const;
  [[nodiscard]] std::string sign(std::string_view message) const;

 private:
  [[nodiscard]] std::string client_data(std::string_view usual_type, const json::object& options) const;
  [[nodiscard]] std::string authenticator_data(bool with_credential) const;

  webauthn::Algorithm algorithm_;
  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace countersign::testing
