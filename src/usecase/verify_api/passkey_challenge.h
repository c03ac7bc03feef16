#pragma once

#include <optional>
#include <string>
#include <vector>

#include "usecase/passkey/check.h"
#include "usecase/verify_api/challenge.h"

// Challenges that passkeys answer, of a person or of whoever has a passkey for the site. They are about nothing: an
// approved one proves no held transaction, and no answer to one does either, because transactions have challenges of
// their own, bound to what they show. [STD-13, TXN-2]
namespace countersign::usecase::verify_api {

struct AskedPasskey {
  Challenge challenge;
  std::optional<Entity> entity;  ///< nullopt while nobody has answered a challenge that asked for no person.
  json::object options;          ///< PublicKeyCredentialRequestOptionsJSON, and `rp`.
};

struct NewPasskeyChallenge {
  std::optional<std::string> identity;  ///< nullopt: of whoever has a passkey that can be found without a list.
  std::optional<FactorId> factor;       ///< Only this one; with an identity.
};
/// Beyond fifty an hour for a person the newest open challenge is given again, so that nobody else's asking shuts her
/// out. kPasskeyEntityNotFound; kPasskeyNotFound; kFactorUnverified.
[[nodiscard]] Verdict<AskedPasskey> create_passkey_challenge(const Work& work, const ServiceId& service,
                                                             const NewPasskeyChallenge& given);

using AssertionAnswer = webauthn::AuthenticationResponse;

/// What an answer is judged by.
struct SeenAnswer {
  std::string challenge;  ///< In base64url.
  PasskeySettings settings;
  bool discoverable = false;
  FactorId factor;
  store::PasskeyRecord record;
  UserHandles handles;
};
/// What the passkeys are judged by that may answer the challenge of a person.
struct AskedOfEntity {
  AccountId account;
  ServiceId service;
  std::vector<SeenAnswer> passkeys;
};
/// nullopt if there is no such challenge at this service, or no such passkey that may answer it. On a snapshot.
[[nodiscard]] std::optional<SeenAnswer> look_for_answer(const Work& work, const ServiceId& service,
                                                        const AssertionAnswer& response);
/// From what this node asked lately of a person, without the database.
[[nodiscard]] std::optional<SeenAnswer> remembered_answer(const Context& context, const AccountId& account,
                                                          const ServiceId& service, const AssertionAnswer& response,
                                                          WallTime now);
/// The judgement of one answer.
struct JudgedAnswer {
  std::optional<SeenAnswer> seen;  ///< What it was judged by, if anything.
  Result<webauthn::Assertion, webauthn::Refusal> verdict;
};
/// Pure.
[[nodiscard]] JudgedAnswer judge_answer(ParsedKeys* keys, const std::optional<SeenAnswer>& seen,
                                        const AssertionAnswer& response);

/// Approves the challenge that the answer names. If what it was judged by is not so any more, it is judged again. Any
/// other answer than the right one spends it and gets kChallengeVerification, whatever was wrong.
/// kPasskeyChallengeNotFound; kChallengeExpired; kChallengeResponded; kChallengeAttempts for a spent one. [WA-R1,
/// WA-A11, WA-A14]
[[nodiscard]] Verdict<AskedPasskey> approve_challenge(const Work& work, const ServiceId& service,
                                                      const AssertionAnswer& response, const JudgedAnswer& judged);

}  // namespace countersign::usecase::verify_api
