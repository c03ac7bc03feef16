#pragma once

#include <rapidcheck.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "domain/policy.h"
#include "domain/transaction.h"
#include "domain/verification.h"

// Values for the tests of this folder, and generators of arbitrary ones.
namespace countersign::domain {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

inline constexpr WallTime kNoon{Duration(1'763'812'800'000'000)};
inline constexpr Duration kTick{1};  ///< The smallest step of time: what lies beside a boundary.

inline std::string times(std::size_t count, std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

inline Id id_of(std::uint8_t number) {
  Id id;
  id.raw.back() = number;
  return id;
}

inline Proof proof_of(Method method, std::uint8_t source = 1) { return {method, id_of(source), kNoon}; }

/// Judged as if every source counted as its own.
inline standing::Judgement judged_own(const Policy& policy, const std::vector<Proof>& proofs) {
  std::vector<standing::JudgedProof> all;
  for (const Proof& proof : proofs) {
    standing::Counts counts;
    counts.counted = standing::Counted::kFounding;
    all.push_back({proof.method, proof.source, counts, proof.passkey, proof.push});
  }
  return standing::judge(policy, all);
}

inline Policy policy_of(MethodSet any_of, int min_kinds = 1) {
  Policy policy;
  policy.any_of = any_of;
  policy.min_kinds = min_kinds;
  return policy;
}

/// Held at noon for an hour.
inline Transaction held(Policy policy = policy_of({Method::kSms})) {
  Transaction tx;
  tx.policy = std::move(policy);
  tx.created_at = kNoon;
  tx.expires_at = kNoon + hours(1);
  return tx;
}

/// with_proof by a source that counts as its own.
inline Result<Transaction, TransactionError> with_own_proof(const Transaction& tx, const Proof& proof, WallTime now,
                                                            Duration claim_window) {
  return with_proof(tx, proof, judged_own(tx.policy, proofs_with(tx, proof)), now, claim_window);
}

/// Sent at noon, the code good for ten minutes.
inline Verification sent(std::string digest = "right") {
  Verification v;
  v.created_at = kNoon;
  v.expires_at = kNoon + minutes(10);
  return with_new_code(std::move(v), std::move(digest), VerificationRules{}, kNoon);
}

/// What a person may be shown: letters of several scripts, marks, digits, and the pieces of links and codes.
inline rc::Gen<std::string> some_text() {
  const auto piece = rc::gen::elementOf(std::vector<std::string>{
      "a", "Z", "0",      "7",        "42",     " ",      ".",      "-",          "/",       "://",
      "@", "#", "\u00e7", "\u00e3o",  "\u20ac", "\u0416", "\u6771", "\U0001F600", "e\u0301", "[",
      "|", "^", "www.",   ".example", "123456", "\"",     "\\",     "'"});
  return rc::gen::map(rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(piece)), [](const auto& pieces) {
    std::string text;
    for (const auto& one : pieces) text += one;
    return text;
  });
}

inline rc::Gen<Method> any_method() {
  return rc::gen::element(Method::kSms, Method::kCall, Method::kWhatsapp, Method::kEmail, Method::kTotp,
                          Method::kWebauthn, Method::kPush, Method::kRecoveryCode);
}

inline rc::Gen<MethodSet> any_methods() {
  return rc::gen::map(rc::gen::container<std::vector<Method>>(any_method()), [](const std::vector<Method>& methods) {
    MethodSet set;
    for (const Method m : methods) set.add(m);
    return set;
  });
}

inline rc::Gen<Policy> any_policy() {
  return rc::gen::apply(
      [](MethodSet any_of, int min_kinds, bool totp_alone, bool email_alone, bool first_use) {
        Policy policy = policy_of(any_of, min_kinds);
        policy.totp_alone = totp_alone;
        policy.email_alone = email_alone;
        policy.trust_on_first_use = first_use;
        return policy;
      },
      any_methods(), rc::gen::inRange(1, 4), rc::gen::arbitrary<bool>(), rc::gen::arbitrary<bool>(),
      rc::gen::arbitrary<bool>());
}

inline rc::Gen<Proof> any_proof() {
  return rc::gen::apply([](Method method, std::uint8_t source) { return proof_of(method, source); }, any_method(),
                        rc::gen::inRange<std::uint8_t>(0, 6));
}

inline rc::Gen<std::vector<Proof>> any_proofs() { return rc::gen::container<std::vector<Proof>>(any_proof()); }

/// Never negative, up to about a day, boundaries likely.
inline rc::Gen<Duration> any_wait() {
  return rc::gen::oneOf(
      rc::gen::element(Duration(0), Duration(1), Duration(seconds(30)), Duration(minutes(10))),
      rc::gen::map(rc::gen::inRange<std::int64_t>(0, 86'400), [](std::int64_t s) { return Duration(seconds(s)); }));
}

}  // namespace countersign::domain
