#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "store/repository/passkey_material.h"
#include "usecase/subject/enrol.h"
#include "webauthn/ceremony.h"

// The confirmation of a passkey, in three parts, because its signatures and certificates are not judged on the thread
// that all requests share: look_for_offer() reads, judge_registration() judges, confirm_passkey() stores.
namespace countersign::usecase {

/// What a registration is judged by.
struct SeenOffer {
  store::PasskeyOffer offer;
  ServiceId service;
};
/// What was offered for a passkey that is not confirmed yet; nullopt for every other factor.
[[nodiscard]] std::optional<store::PasskeyOffer> waiting_offer(const store::Vault& vault,
                                                               const store::FactorRow& factor);
/// nullopt if there is no such factor that waits for an answer. On a snapshot.
[[nodiscard]] std::optional<SeenOffer> look_for_offer(const Work& work, std::string_view identity, const FactorId& id);

/// The judgement of one answer, and the challenge that it was judged by.
struct JudgedRegistration {
  std::string challenge;
  Result<webauthn::Registration, webauthn::Refusal> verdict;
};
/// Pure. `response` as it came, or why it could not be read.
[[nodiscard]] JudgedRegistration judge_registration(
    const PasskeySettings& settings, const SeenOffer& seen,
    const Result<webauthn::RegistrationResponse, webauthn::Refusal>& response, WallTime now);

/// Whether anybody has a passkey of that id, as the browser has it, that is not removed: in the account, or in another
/// that has the same RP ID. The browser may be told to forget one that nobody has.
[[nodiscard]] bool knows_credential(const Work& work, std::string_view rp_id, std::string_view credential_id);

/// Stores the credential and binds the factor at its service, in the transaction that spends the challenge. Any other
/// answer than the right one spends it too, and gets kWrongResponse; the audit log has the reason. kFactorUnusable for
/// one that is confirmed, spent or too late. `judged`: nullopt if there was nothing to judge it by.
/// [WA-R20, WA-R21, WA-A14]
[[nodiscard]] Answer<FactorView> confirm_passkey(const Work& work, std::string_view identity, const FactorId& id,
                                                 const std::optional<JudgedRegistration>& judged,
                                                 const ConfirmTerms& terms);

}  // namespace countersign::usecase
