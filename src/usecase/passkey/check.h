#pragma once

#include <optional>
#include <string>

#include "store/repository/passkey_material.h"
#include "usecase/passkey/answer.h"
#include "usecase/verification/check.h"
#include "webauthn/ceremony.h"

// The answer of a passkey for a transaction, in three parts, because signatures are not judged on the thread that all
// requests share: look_for_passkey() reads, judge_assertion() judges, check_passkey() stores.
namespace countersign::usecase {

/// What an answer is judged by.
struct SeenPasskey {
  std::string binding_hash;  ///< Of the transaction.
  std::vector<std::string> salts;
  const PasskeySettings* settings = nullptr;
  bool user_verification = false;  ///< The policy requires it.
  FactorId factor;
  store::PasskeyRecord record;
  UserHandles user_handles;
};
/// nullopt if the transaction or the credential is not there. On a snapshot.
[[nodiscard]] std::optional<SeenPasskey> look_for_passkey(const Work& work, const TransactionId& id,
                                                          std::string_view credential_id);

/// The judgement of one answer, and what it was judged by.
struct JudgedAssertion {
  std::string salt;  ///< Of the challenge that it answers; empty if it answers none.
  FactorId factor;
  std::string public_key;
  Result<webauthn::Assertion, webauthn::Refusal> verdict;
};
/// Pure. `response` as it came, or why it could not be read.
[[nodiscard]] JudgedAssertion judge_assertion(
    ParsedKeys* keys, const std::optional<SeenPasskey>& seen,
    const Result<webauthn::AuthenticationResponse, webauthn::Refusal>& response);

/// Adds the proof in the transaction that spends the challenge, after every other check; what the passkey signed is
/// kept for the receipt. Any other answer than the right one spends the challenge that it names, and gets
/// kWrongResponse; the audit log has the reason. Wrong answers are counted for the network address that they come from
/// and for the transaction, and never disable a passkey; a right one is not refused for the wrong ones of others.
/// kTooManyProofs: see challenge.h. [WA-A3, WA-A8, WA-A10, WA-A11, WA-A14, THR-5]
[[nodiscard]] Answer<Approved> check_passkey(
    const Work& work, const TransactionId& id, const JudgedAssertion& judged,
    const Result<webauthn::AuthenticationResponse, webauthn::Refusal>& response);

}  // namespace countersign::usecase
