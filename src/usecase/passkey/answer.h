#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "store/repository/factors.h"
#include "store/repository/passkey_material.h"
#include "usecase/work.h"
#include "webauthn/ceremony.h"

// What the answer of a passkey is judged by, and what it leaves, whichever API asked.
namespace countersign::usecase {

/// By what authenticators know a subject. Passkeys that the Verify-compatible API made know her by the SID of her
/// entity, as its clients expect; the others by a keyed digest. Either names her. [WA-R2, WA-A3]
struct UserHandles {
  std::string keyed;
  std::string entity;

  /// The one that the answer must have.
  [[nodiscard]] const std::string& expected_of(const webauthn::AuthenticationResponse& response) const {
    return response.user_handle == entity ? entity : keyed;
  }
};
[[nodiscard]] UserHandles user_handles_of(const store::Vault& vault, const AccountId& account,
                                          const SubjectId& subject);

/// From `keys`, if there are any. nullopt for bytes that are no key.
[[nodiscard]] std::optional<webauthn::PublicKey> parsed_key(ParsedKeys* keys, std::string_view cose_key);

/// Whether its model, by the statement that a root vouched for, is known by now to be revoked or compromised: then it
/// proves nothing any more. What nobody vouched for says nothing, and is not asked here. [WA-R19]
[[nodiscard]] bool is_of_fallen_model(const PasskeySettings& settings, const store::PasskeyRecord& record,
                                      WallTime now);

/// What is strange about a genuine answer, by what is stored now. [WA-A8, WA-A10]
[[nodiscard]] std::optional<webauthn::Refusal> anomaly_of(const store::PasskeyRecord& record,
                                                          const webauthn::Assertion& assertion);
/// Its audit event: `factor.counter_fallen`, `factor.backup_changed`.
void record_anomaly(const Work& work, const SubjectId& subject, const FactorId& factor, webauthn::Refusal strange);

/// Keeps counter and backup state of a right answer of the factor that has this record. The stored counter never goes
/// back.
void note_use(const Work& work, const FactorId& factor, store::PasskeyRecord record,
              const webauthn::Assertion& assertion);

}  // namespace countersign::usecase
