#include "domain/policy.h"

#include <gtest/gtest.h>

#include "some.h"

namespace countersign::domain {
namespace {

using enum Method;

TEST(PolicyFault, OfWhatMakesNoSense) {
  EXPECT_TRUE(policy_fault(Policy{}));
  EXPECT_FALSE(policy_fault(policy_of({kSms})));
  for (const int kinds : {-1, 0, 4}) EXPECT_TRUE(policy_fault(policy_of({kSms, kEmail, kTotp, kWebauthn}, kinds)));
  for (const int kinds : {1, 2, 3}) EXPECT_FALSE(policy_fault(policy_of({kSms, kEmail, kTotp, kWebauthn}, kinds)));
  // Three roads to one telephone cannot be two kinds.
  EXPECT_TRUE(policy_fault(policy_of({kSms, kCall, kWhatsapp}, 2)));
  EXPECT_FALSE(policy_fault(policy_of({kSms, kTotp}, 2)));
}

TEST(PolicyFault, WhatMayNotStandAloneNeedsCompany) {
  Policy totp = policy_of({kTotp});
  EXPECT_FALSE(policy_fault(totp));
  totp.totp_alone = false;
  EXPECT_TRUE(policy_fault(totp));
  totp.any_of.add(kSms);
  EXPECT_FALSE(policy_fault(totp));
  EXPECT_TRUE(policy_fault(policy_of({kEmail})));  // E-mail does not stand alone unless it is said.
  Policy email = policy_of({kEmail});
  email.email_alone = true;
  EXPECT_FALSE(policy_fault(email));
  email.contact_quiet_period = -kTick;
  EXPECT_TRUE(policy_fault(email));
}

TEST(PolicyFault, RecoveryCodesLendNoWeight) {
  EXPECT_TRUE(policy_fault(policy_of({kRecoveryCode})));
  EXPECT_TRUE(policy_fault(policy_of({kRecoveryCode, kEmail})));
  EXPECT_TRUE(policy_fault(policy_of({kRecoveryCode, kEmail}, 2)));
  EXPECT_FALSE(policy_fault(policy_of({kRecoveryCode, kSms}, 2)));
  Policy weak = policy_of({kRecoveryCode, kEmail, kTotp});
  weak.totp_alone = false;
  EXPECT_FALSE(policy_fault(weak));  // The mailbox and the app together.
}

struct Judged {
  const char* name;
  Policy policy;
  std::vector<Proof> proofs;
  bool met;
};

TEST(Evaluate, WhatMeetsAPolicy) {
  const Policy one = policy_of({kSms, kCall, kWhatsapp, kEmail, kTotp});
  const Policy two = policy_of({kSms, kCall, kWhatsapp, kEmail, kTotp}, 2);
  Policy weak_totp = one;
  weak_totp.totp_alone = false;
  const std::vector<Judged> rows{
      {"nothing", one, {}, false},
      {"a code by SMS", one, {proof_of(kSms)}, true},
      {"a method that the policy does not name", one, {proof_of(kPush)}, false},
      {"e-mail alone", one, {proof_of(kEmail)}, false},
      {"e-mail with TOTP that may not stand alone either", weak_totp, {proof_of(kEmail, 1), proof_of(kTotp, 2)}, true},
      {"TOTP alone where that is not enough", weak_totp, {proof_of(kTotp)}, false},
      {"TOTP alone where it is", one, {proof_of(kTotp)}, true},
      {"one kind of two", two, {proof_of(kSms)}, false},
      {"two kinds", two, {proof_of(kSms, 1), proof_of(kTotp, 2)}, true},
      {"SMS and WhatsApp: one telephone", two, {proof_of(kSms, 1), proof_of(kWhatsapp, 2)}, false},
      {"SMS to two telephones: one kind", two, {proof_of(kSms, 1), proof_of(kSms, 2)}, false},
      {"two authenticator apps: one kind", two, {proof_of(kTotp, 1), proof_of(kTotp, 2)}, false},
      {"only a fresh factor", one, {proof_of(kTotp, 1, false)}, false},
      {"only fresh ones of two kinds", two, {proof_of(kTotp, 1, false), proof_of(kSms, 2, false)}, false},
      {"a fresh SMS does not lend weight to an e-mail", one, {proof_of(kSms, 1, false), proof_of(kEmail, 2)}, false},
  };
  for (const auto& row : rows) EXPECT_EQ(evaluate(row.policy, row.proofs).met, row.met) << row.name;
}

TEST(Evaluate, SaysWhatIsMissing) {
  const Policy two = policy_of({kSms, kTotp}, 2);
  const std::vector<Proof> fresh{proof_of(kSms, 1, false)};
  const auto standing = evaluate(two, fresh);
  EXPECT_EQ(standing.kinds_proven, 1);
  EXPECT_EQ(standing.kinds_needed, 2);
  EXPECT_TRUE(standing.needs_established);
  const std::vector<Proof> email{proof_of(kEmail)};
  EXPECT_TRUE(evaluate(policy_of({kEmail, kSms}), email).needs_company);
}

struct Source {
  const char* name;
  Duration known_for;  ///< Before the hold; negative: added after it.
  bool replaced_another, is_factor, subject_had_factor, trust;
  bool established;
};

TEST(IsEstablished, OnlyWhatWasThereBefore) {
  const std::vector<Source> rows{
      {"a contact from long ago", hours(1000), false, false, false, false, true},
      {"a contact of the hold itself", Duration(0), false, false, false, false, true},
      {"a contact added one instant later", -kTick, false, false, false, false, false},
      {"a contact added later, even with trust on first use", -kTick, false, false, false, true, false},
      {"a factor added one instant later", -kTick, false, true, false, false, false},
      {"a first factor, trusted on first use", -kTick, false, true, false, true, true},
      {"a further factor is never trusted on first use", -kTick, true, true, true, true, false},
      {"one instant within the quiet period", hours(24) - kTick, true, false, false, false, false},
      {"the quiet period is over", hours(24), true, false, false, false, true},
      {"within the quiet period, but it replaced nothing", hours(1), false, false, false, false, true},
      {"a factor added to another within the quiet period", hours(1), true, true, true, true, false},
  };
  for (const auto& row : rows) {
    Policy policy = policy_of({kSms, kTotp});
    policy.contact_quiet_period = hours(24);
    policy.trust_on_first_use = row.trust;
    EXPECT_EQ(is_established(policy, kNoon, kNoon - row.known_for, row.replaced_another, row.is_factor,
                             row.subject_had_factor),
              row.established)
        << row.name;
  }
}

}  // namespace
}  // namespace countersign::domain
