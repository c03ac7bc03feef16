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
  // Three channels to one telephone cannot be two kinds.
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
  email.wait = -kTick;
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

TEST(PolicyWays, OnlyWhatIsOfferedCountsTowardsThem) {
  EXPECT_TRUE(can_be_met(policy_of({kSms, kTotp}), {kTotp}));
  EXPECT_FALSE(can_be_met(policy_of({kSms, kTotp}), {kEmail}));
  EXPECT_FALSE(can_be_met(policy_of({kSms, kTotp}, 2), {kTotp}));
  EXPECT_TRUE(can_be_met(policy_of({kSms, kCall, kTotp}, 2), {kCall, kTotp}));
  EXPECT_FALSE(can_be_met(policy_of({kSms, kEmail}), {kEmail}));  // E-mail does not stand alone.
  Policy app = policy_of({kSms, kTotp});
  app.totp_alone = false;
  EXPECT_FALSE(can_be_met(app, {kTotp}));
  EXPECT_TRUE(can_be_met(policy_of({kWebauthn}), {kWebauthn}));
  EXPECT_FALSE(can_be_met(policy_of({kWebauthn}), {kTotp}));
}

struct JudgedRow {
  const char* name;
  Policy policy;
  std::vector<Proof> proofs;
  bool met;
};

TEST(Judge, WhatMeetsAPolicyByItsOwn) {
  const Policy one = policy_of({kSms, kCall, kWhatsapp, kEmail, kTotp});
  const Policy two = policy_of({kSms, kCall, kWhatsapp, kEmail, kTotp}, 2);
  Policy weak_totp = one;
  weak_totp.totp_alone = false;
  const std::vector<JudgedRow> rows{
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
  };
  for (const auto& row : rows) EXPECT_EQ(judged_own(row.policy, row.proofs).met(), row.met) << row.name;
}

}  // namespace
}  // namespace countersign::domain
