#include <gtest/gtest.h>

#include "standing_world.h"

namespace countersign::domain::standing {
namespace {

using enum Method;

JudgedProof own_proof(Method method) {
  Counts counts;
  counts.counted = Counted::kFounding;
  return {method, id_of(static_cast<std::uint8_t>(method)), counts};
}

JudgedProof repeat_proof(Method method, Method of) {
  Counts counts;
  counts.counted = Counted::kRepeat;
  counts.repeat_of = of;
  counts.counts_from = kNoon + hours(72);
  return {method, id_of(static_cast<std::uint8_t>(method)), counts};
}

JudgedProof waiting_proof(Method method, Duration from) {
  Counts counts;
  counts.why_not = WhyNot::kWaits;
  counts.counts_from = kNoon + from;
  return {method, id_of(static_cast<std::uint8_t>(method)), counts};
}

struct JudgedRow {
  const char* name;
  Policy policy;
  std::vector<JudgedProof> proofs;
  Missing missing;
  int kinds;
};

void expect_judged(const std::vector<JudgedRow>& rows) {
  for (const auto& row : rows) {
    const Judgement said = judge(row.policy, row.proofs);
    EXPECT_EQ(said.missing, row.missing) << row.name;
    EXPECT_EQ(said.kinds_proven, row.kinds) << row.name;
  }
}

JudgedProof passkey_proof(bool user_verified, bool device_bound) {
  JudgedProof proof = own_proof(kWebauthn);
  proof.passkey = {user_verified, device_bound};
  return proof;
}

// [BND-7]
TEST(Passkeys, MeetOnlyWhatTheySaidOfThemselves) {
  Policy verified = policy_of({kWebauthn, kSms}, 2);
  verified.user_verification = true;
  Policy bound = policy_of({kWebauthn});
  bound.device_bound = true;
  expect_judged({
      {"presence is enough unless more is asked for",
       policy_of({kWebauthn}),
       {passkey_proof(false, false)},
       Missing::kNothing,
       1},
      {"presence alone counts as nothing", verified, {passkey_proof(false, true)}, Missing::kProof, 0},
      {"nor is it a kind beside another",
       verified,
       {passkey_proof(false, true), own_proof(kSms)},
       Missing::kAnotherKind,
       1},
      {"the person", verified, {passkey_proof(true, false), own_proof(kSms)}, Missing::kNothing, 2},
      {"a synced one", bound, {passkey_proof(true, false)}, Missing::kProof, 0},
      {"one of a device", bound, {passkey_proof(false, true)}, Missing::kNothing, 1},
  });
}

TEST(STD4, ARepeatMeetsAClauseOnlyWhereBothMethodsWould) {
  const MethodSet all{kSms, kCall, kEmail, kTotp, kWebauthn, kRecoveryCode};
  Policy totp_in_company = policy_of(all);
  totp_in_company.totp_alone = false;
  const std::vector<JudgedRow> rows{
      {"a mailbox added by SMS does not stand alone",
       policy_of(all),
       {repeat_proof(kEmail, kSms)},
       Missing::kStrongerMethod,
       1},
      {"an app added by SMS does", policy_of(all), {repeat_proof(kTotp, kSms)}, Missing::kNothing, 1},
      {"a passkey added by an app that may not",
       totp_in_company,
       {repeat_proof(kWebauthn, kTotp)},
       Missing::kStrongerMethod,
       1},
      {"where only its own method is named",
       policy_of({kTotp}),
       {repeat_proof(kTotp, kSms)},
       Missing::kSourceThatCounts,
       0},
      {"where only the method that added it is named",
       policy_of({kSms}),
       {repeat_proof(kTotp, kSms)},
       Missing::kProof,
       0},
      {"methods are compared, not kinds",
       policy_of({kTotp, kSms}),
       {repeat_proof(kTotp, kCall)},
       Missing::kSourceThatCounts,
       0},
      {"beside what added it",
       policy_of(all, 2),
       {own_proof(kSms), repeat_proof(kTotp, kSms)},
       Missing::kAnotherKind,
       1},
      {"beside its own kind",
       policy_of(all, 2),
       {own_proof(kTotp), repeat_proof(kTotp, kSms)},
       Missing::kAnotherKind,
       1},
      {"a second stolen line added by a passkey is no second kind",
       policy_of(all, 2),
       {own_proof(kSms), repeat_proof(kSms, kWebauthn)},
       Missing::kAnotherKind,
       1},
      {"beside another kind",
       policy_of(all, 2),
       {own_proof(kWebauthn), repeat_proof(kTotp, kSms)},
       Missing::kNothing,
       2},
      {"two repeats that may be one kind",
       policy_of(all, 2),
       {repeat_proof(kTotp, kSms), repeat_proof(kWebauthn, kSms)},
       Missing::kAnotherKind,
       1},
      {"three proofs of two kinds at least",
       policy_of(all, 3),
       {own_proof(kSms), own_proof(kWebauthn), repeat_proof(kTotp, kSms)},
       Missing::kAnotherKind,
       2},
  };
  expect_judged(rows);
}

TEST(STD10, RecoveryCodesCountBesideAnotherKindAndNeverAlone) {
  const MethodSet all{kSms, kEmail, kTotp, kRecoveryCode};
  Policy weak_app = policy_of(all);
  weak_app.totp_alone = false;
  Policy mail_alone = policy_of(all, 2);
  mail_alone.email_alone = true;
  const std::vector<JudgedRow> rows{
      {"alone", policy_of(all), {own_proof(kRecoveryCode)}, Missing::kStrongerMethod, 1},
      {"beside SMS", policy_of(all, 2), {own_proof(kRecoveryCode), own_proof(kSms)}, Missing::kNothing, 2},
      {"where the policy does not name them",
       policy_of({kSms, kTotp}, 2),
       {own_proof(kRecoveryCode), own_proof(kSms)},
       Missing::kAnotherKind,
       1},
      {"they lend a mailbox no weight",
       policy_of(all, 2),
       {own_proof(kRecoveryCode), own_proof(kEmail)},
       Missing::kStrongerMethod,
       2},
      {"nor an app that needs company",
       weak_app,
       {own_proof(kRecoveryCode), own_proof(kTotp)},
       Missing::kStrongerMethod,
       2},
      {"beside a mailbox that may stand alone",
       mail_alone,
       {own_proof(kRecoveryCode), own_proof(kEmail)},
       Missing::kNothing,
       2},
  };
  expect_judged(rows);
}

TEST(Judge, WhatMayStandAlone) {
  const MethodSet all{kSms, kEmail, kTotp, kPush};
  Policy weak = policy_of(all);
  weak.totp_alone = false;
  EXPECT_EQ(judge(weak, std::vector{own_proof(kTotp)}).missing, Missing::kStrongerMethod);
  EXPECT_EQ(judge(weak, std::vector{own_proof(kEmail)}).missing, Missing::kStrongerMethod);
  EXPECT_TRUE(judge(weak, std::vector{own_proof(kEmail), own_proof(kTotp)}).met()) << "two kinds";
  auto push = own_proof(kPush);
  EXPECT_EQ(judge(weak, std::vector{push}).missing, Missing::kStrongerMethod) << "no number";
  push.push.number_typed = true;
  EXPECT_TRUE(judge(weak, std::vector{push}).met());
  EXPECT_TRUE(judge(policy_of(all), std::vector{own_proof(kTotp)}).met());
}

TEST(Judge, SaysWhatIsMissingAndFromWhenItCounts) {
  const Policy two = policy_of({kSms, kTotp, kWebauthn}, 2);
  EXPECT_EQ(judge(two, {}).missing, Missing::kProof);
  EXPECT_EQ(judge(two, std::vector{own_proof(kEmail)}).missing, Missing::kProof);
  const auto waits = judge(two, std::vector{waiting_proof(kSms, hours(50)), waiting_proof(kTotp, hours(20))});
  EXPECT_EQ(waits.missing, Missing::kSourceThatCounts);
  EXPECT_EQ(waits.counts_from, kNoon + hours(20));
  EXPECT_EQ(waits.kinds_proven, 0);
  EXPECT_EQ(waits.kinds_needed, 2);
  const auto repeat = judge(two, std::vector{own_proof(kSms), repeat_proof(kTotp, kSms)});
  EXPECT_EQ(repeat.missing, Missing::kAnotherKind);
  EXPECT_EQ(repeat.counts_from, kNoon + hours(72));
  const auto met = judge(two, std::vector{own_proof(kSms), own_proof(kTotp), waiting_proof(kWebauthn, hours(1))});
  EXPECT_TRUE(met.met());
  EXPECT_FALSE(met.counts_from);
}

TEST(Judge, AProofThatDoesNotCountMeetsNothing) {
  StandingWorld world;
  world.give("phone");
  EXPECT_TRUE(world.approve({"phone"}, one_kind()).met());
  world.pass(hours(100));
  world.give("phone-his");
  const Judgement said = world.approve({"phone-his"}, one_kind());
  EXPECT_EQ(said.missing, Missing::kSourceThatCounts);
  EXPECT_EQ(said.counts_from, world.now + hours(72));
}

TEST(Judge, TheNamesAreThePublicOnes) {
  EXPECT_EQ(to_text(Missing::kNothing), "nothing");
  EXPECT_EQ(to_text(Missing::kStrongerMethod), "stronger_method");
  EXPECT_EQ(to_text(Counted::kRepeat), "repeat");
  EXPECT_EQ(to_text(WhyNot::kWaitsAnew), "waits_anew");
  EXPECT_EQ(to_text(Refused::kFoundingContradicts), "founding_contradicts");
  EXPECT_EQ(to_text(Refused::kDoesNotCount), "does_not_count");
  EXPECT_EQ(parse_bound_by(to_text(BoundBy::kLink)), BoundBy::kLink);
  EXPECT_EQ(parse_gone_why(to_text(GoneWhy::kReplaced)), GoneWhy::kReplaced);
  EXPECT_EQ(parse_gone_why("sold"), std::nullopt);
}

}  // namespace
}  // namespace countersign::domain::standing
