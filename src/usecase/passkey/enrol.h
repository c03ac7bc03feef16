#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "store/repository/passkey_material.h"
#include "usecase/subject/enrol.h"
#include "webauthn/options.h"

namespace countersign::usecase {

/// A browser's answer to a challenge is awaited this long. [WA-R1]
inline constexpr Duration kCeremonyTime = std::chrono::minutes(5);
inline constexpr std::size_t kChallengeBytes = 32;

/// What the Verify-compatible API says of a passkey to be made; the native API leaves it to the service.
struct PasskeyWishes {
  PasskeySettings settings;  ///< Not wider than the service's own.
  std::string party_name;
  std::string attachment = {};  ///< `platform`, `cross-platform`; empty: either.
  webauthn::ResidentKey resident_key = webauthn::ResidentKey::kPreferred;
};

struct PasskeyEnrolRequest {
  std::string identity;
  std::string name;           ///< The authenticator's name, chosen by the person; up to 64 characters.
  std::string account_label;  ///< Shown by the browser and the authenticator; empty: see account_label().
  ServiceId service;          ///< The passkey's service. [STD-12]
  std::optional<TransactionId> operation = {};  ///< In which the person adds it on a page; else the application does.
  std::optional<PasskeyWishes> wishes = {};
};

/// A passkey to be made.
struct PasskeyEnrolment {
  FactorId id;
  std::string options;  ///< PublicKeyCredentialCreationOptionsJSON, for the browser unchanged.
  WallTime confirm_by;
};

/// Makes an unconfirmed factor with the challenge of its registration: it proves nothing until confirm_passkey().
/// kChannelUnavailable if the service has no passkeys. [WA-R1, WA-R2]
[[nodiscard]] Answer<PasskeyEnrolment> enrol_passkey(const Work& work, const PasskeyEnrolRequest& request);

/// By what authenticators know the subject at all services of the account: 32 bytes that tell nothing and stay the
/// same. [WA-R2]
[[nodiscard]] std::string user_handle_of(const store::Vault& vault, const AccountId& account, const SubjectId& subject);

/// How a credential id stands in `factors.handle_digest`. [WA-R20]
[[nodiscard]] std::string handle_digest_of(const store::Vault& vault, const AccountId& account,
                                           std::string_view credential_id);

/// What is stored of a passkey; nullopt for a factor that is none, or not confirmed, or removed.
[[nodiscard]] std::optional<store::PasskeyRecord> passkey_record_of(const store::Vault& vault,
                                                                    const store::FactorRow& factor);

/// Puts the encoded offer or record in the row; the caller stores it.
void put_material(const Work& work, store::FactorRow& factor, std::string_view encoded);

/// The service's settings; null if it has no passkeys, or is not configured.
[[nodiscard]] const PasskeySettings* passkeys_of(const Context& context, const AccountId& account,
                                                 const ServiceId& service);

}  // namespace countersign::usecase
