#pragma once

#include <memory>
#include <optional>
#include <string>

#include "usecase/passkey/answer.h"
#include "usecase/passkey/asked_lately.h"
#include "usecase/verification/check.h"
#include "webauthn/ceremony.h"

// The answer of a passkey for a transaction, in three parts, because signatures are not judged on the thread that all
// requests share: look_for_passkey() reads, judge_assertion() judges, check_passkey() stores.
namespace countersign::usecase {

/// What an answer is judged by.
struct SeenPasskey {
  std::shared_ptr<const AskedPasskeys> asked;
  const KnownPasskey* passkey = nullptr;      ///< One of them; not null.
  const PasskeySettings* settings = nullptr;  ///< Of the transaction's service; not null.
  UserHandles user_handles;
};
/// nullopt if the transaction or the credential is not there. On a snapshot.
[[nodiscard]] std::optional<SeenPasskey> look_for_passkey(const Work& work, const TransactionId& id,
                                                          std::string_view credential_id);
/// From what this node asked lately, without the database. What is judged by it holds if the answer names a challenge
/// (JudgedAssertion::salt); if not, somebody may have asked for that one elsewhere, and look_for_passkey() knows it.
/// `account`: the caller's, or nullopt for a page, whose link the unit that stores the answer opens.
[[nodiscard]] std::optional<SeenPasskey> remembered_passkey(const Context& context,
                                                            const std::optional<AccountId>& account,
                                                            const TransactionId& id, std::string_view credential_id,
                                                            WallTime now);

/// The judgement of one answer.
struct JudgedAssertion {
  std::optional<SeenPasskey> seen;  ///< What it was judged by, if anything.
  std::string salt;                 ///< Of the challenge that it answers; empty if it answers none.
  Result<webauthn::Assertion, webauthn::Refusal> verdict;
};
/// Pure. `response` as it came, or why it could not be read.
[[nodiscard]] JudgedAssertion judge_assertion(
    ParsedKeys* keys, std::optional<SeenPasskey> seen,
    const Result<webauthn::AuthenticationResponse, webauthn::Refusal>& response);

/// Adds the proof in the transaction that spends the challenge, after every other check; what the passkey signed is
/// kept for the receipt. What the answer was judged by and may have changed since is compared again; what stands sealed
/// in the same bytes is the same, and not opened again. Any other answer than the right one spends the challenge that
/// it names, and gets kWrongResponse; the audit log has the reason. Wrong answers are counted for the network address
/// that they come from and for the transaction, and never disable a passkey; a right one is not refused for the wrong
/// ones of others. kTooManyProofs: see challenge.h. [WA-A3, WA-A8, WA-A10, WA-A11, WA-A14, THR-5]
[[nodiscard]] Answer<Approved> check_passkey(
    const Work& work, const TransactionId& id, const JudgedAssertion& judged,
    const Result<webauthn::AuthenticationResponse, webauthn::Refusal>& response);

}  // namespace countersign::usecase
