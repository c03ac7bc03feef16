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

/// One passkey or security key in software, of any algorithm, and the browser in front of it: answers options as a page
/// would send the
/// answer. Everything about it can be changed before an answer, also to what no honest one does.
class OneKeyDevice {
 public:
  explicit OneKeyDevice(webauthn::Algorithm algorithm = webauthn::Algorithm::kEs256);

  std::string origin = "https://verify.example.com";
  std::string rp_id = "verify.example.com";
  bool user_present = true;
  bool user_verified = true;
  bool backup_eligible = false;
  bool backed_up = false;
  std::uint32_t sign_count = 0;
  bool counts = false;  ///< Raises `sign_count` before each answer.
  std::string aaguid = std::string(16, '\0');
  std::string credential_id;
  std::vector<std::string> transports{"internal"};
  std::string user_handle{};               ///< As it was registered; set by create().
  bool wrong_signature = false;            ///< One bit of it is wrong.
  std::optional<std::string> challenge{};  ///< In place of that of the options, as base64url.

  /// RegistrationResponseJSON for PublicKeyCredentialCreationOptionsJSON, with a statement of the format "none".
  [[nodiscard]] json::object create(std::string_view options);
  /// AuthenticationResponseJSON for PublicKeyCredentialRequestOptionsJSON.
  [[nodiscard]] json::object get(std::string_view options);

 private:
  [[nodiscard]] std::string client_data(std::string_view type, const json::object& options) const;
  [[nodiscard]] std::string authenticator_data(bool with_credential);
  [[nodiscard]] std::string cose_key() const;
  [[nodiscard]] std::string sign(std::string_view message) const;

  webauthn::Algorithm algorithm_;
  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace countersign::testing
