#include "store/repository/ceremonies.h"
#include "tests/unit/usecase/verify_api/device_script.h"

// What the answer of a device is worth for a transaction. [PUSH-8]
namespace countersign::testing {
namespace {

TEST_F(VerifyDevices, AnApprovalIsOneKindBesideAnother) {
  const auto phone = founding_device();
  fixture.policy("any").any_of.add(domain::Method::kPush);
  const auto id = fixture.hold("any");
  const auto asked = ask_for(id, phone);
  ASSERT_EQ(why(asked), kYes);
  const auto challenge = challenge_of(phone.entity, asked->challenge);
  ASSERT_TRUE(says(phone.entity, challenge, "approved"));
  EXPECT_EQ(fixture.status(), domain::TransactionStatus::kHeld) << "never alone";
  ASSERT_EQ(fixture.row().state.proofs.size(), 1U);
  EXPECT_EQ(fixture.row().state.proofs[0].method, domain::Method::kPush);
  const auto kept = store::open_ceremonies(fixture.context().vault, fixture.row()).device_proofs;
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept[0].source, phone.factor.row.state.id.id);
  ASSERT_TRUE(fixture.start());
  ASSERT_TRUE(fixture.check(fixture.code()));
  EXPECT_EQ(fixture.status(), domain::TransactionStatus::kVerified);
  const auto claim = fixture.claim();
  ASSERT_TRUE(claim);
}

TEST_F(VerifyDevices, NoPolicyMakesItEnough) {
  const auto phone = founding_device();
  auto& policy = fixture.policy("any");
  policy.any_of = {domain::Method::kPush, domain::Method::kSms};
  policy.totp_alone = true;
  policy.email_alone = true;
  policy.trust_on_first_use = true;
  const auto id = fixture.hold("any");
  ASSERT_TRUE(says(phone.entity, challenge_of(phone.entity, ask_for(id, phone)->challenge), "approved"));
  EXPECT_EQ(fixture.status(), domain::TransactionStatus::kHeld);
  EXPECT_EQ(why(fixture.claim()), Code::kNotVerified);
}

TEST_F(VerifyDevices, ItSignsWhatTheTransactionShowsAndHolds) {
  const auto phone = founding_device();
  fixture.policy("any").any_of.add(domain::Method::kPush);
  const auto first = fixture.hold("any");
  const auto asked = ask_for(first, phone);
  const auto challenge = challenge_of(phone.entity, asked->challenge);
  const auto& hidden = challenge.content.at("hidden_details").as_object();
  EXPECT_EQ(json_text(hidden, "transaction"), first.text());
  EXPECT_EQ(json_text(hidden, "binding_sha256"), to_hex(fixture.row().binding_hash));
  EXPECT_EQ(ask_for(first, phone)->challenge, asked->challenge) << "asked once while it is open";
  // An approval of one is none of another.
  const auto second = fixture.hold("any");
  const auto other_challenge = challenge_of(phone.entity, ask_for(second, phone)->challenge);
  EXPECT_NE(other_challenge.id, challenge.id);
  EXPECT_EQ(fault_of(answer(phone.entity, other_challenge, claims(phone.entity, challenge, "approved"), key, key)),
            ErrorCode::kChallengeVerification);
  EXPECT_TRUE(fixture.row().state.proofs.empty());
}

TEST_F(VerifyDevices, ADenialDeniesTheTransaction) {
  const auto phone = founding_device();
  fixture.policy("any").any_of.add(domain::Method::kPush);
  const auto id = fixture.hold("any");
  const auto challenge = challenge_of(phone.entity, ask_for(id, phone)->challenge);
  ASSERT_TRUE(says(phone.entity, challenge, "denied"));
  EXPECT_EQ(fixture.status(), domain::TransactionStatus::kDenied);
  EXPECT_EQ(why(ask_for(fixture.hold("any"), phone)), Code::kRateLimited) << "silence";
}

// [THR-8] The rule is that of browsers.
TEST_F(VerifyDevices, WhoeverWasDeniedIsSilentAndNobodyElse) {
  const auto phone = founding_device();
  fixture.policy("any").any_of.add(domain::Method::kPush);
  fixture.caller().end_user = IpAddress::parse("203.0.113.7");
  auto asked = ask_for(fixture.hold("any"), phone);
  ASSERT_TRUE(says(phone.entity, challenge_of(phone.entity, asked->challenge), "denied"));
  asked = ask_for(fixture.hold("any"), phone);
  ASSERT_EQ(why(asked), Code::kRateLimited);
  EXPECT_EQ(asked.error().retry_after, hours(1));
  fixture.caller().end_user = IpAddress::parse("198.51.100.9");
  EXPECT_EQ(why(ask_for(fixture.hold("any"), phone)), kYes);
}

TEST_F(VerifyDevices, AnotherProofOfTheTransactionMakesThePhoneAskable) {
  const auto phone = founding_device();
  fixture.policy("strict").any_of = {domain::Method::kSms, domain::Method::kPush};
  for (int i = 0; i < 3; ++i) ASSERT_EQ(why(ask_for(fixture.hold("strict"), phone)), kYes) << i;
  fixture.wait(hours(2));
  const auto id = fixture.hold("strict");
  const auto asked = ask_for(id, phone);
  ASSERT_EQ(why(asked), Code::kRateLimited);
  EXPECT_EQ(asked.error().retry_after, std::nullopt);
  ASSERT_TRUE(fixture.start());
  ASSERT_TRUE(fixture.check(fixture.code()));
  const auto now = ask_for(id, phone);
  ASSERT_EQ(why(now), kYes);
  ASSERT_TRUE(says(phone.entity, challenge_of(phone.entity, now->challenge), "approved"));
  EXPECT_EQ(fixture.status(), domain::TransactionStatus::kVerified);
}

// What the material of a phone or of a browser says of the other is nothing.
TEST_F(VerifyDevices, TheKeyOfAPhoneIsNoBrowsers) {
  const auto phone = device(key);
  const auto& handle = phone.factor.row.handle_digest;
  ASSERT_TRUE(handle);
  EXPECT_EQ(*handle, usecase::device_handle_digest(fixture.context().vault, fixture.account(), key.point()))
      << "one key is one device, whatever it is";
}

TEST_F(VerifyDevices, WhatSoManyDevicesApprovedTakesNoMore) {
  const auto phone = founding_device();
  fixture.policy("any").any_of.add(domain::Method::kPush);
  const auto id = fixture.hold("any");
  const auto challenge = challenge_of(phone.entity, ask_for(id, phone)->challenge);
  const auto evidence = [&](std::size_t of_others) {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      const auto& vault = fixture.context().vault;
      auto row = *store::find_transaction(tx, fixture.account(), id);
      auto all = store::open_ceremonies(vault, row);
      while (all.device_proofs.size() < of_others)
        all.device_proofs.push_back({Id::make(moment), std::string(32, 's'), "text", std::string(64, 'x'), "point"});
      store::put_ceremonies(vault, row, all, moment.random);
      store::save_ceremonies(tx, row);
      return all.device_proofs;
    });
  };
  evidence(store::kDeviceProofsMax);
  EXPECT_EQ(fault_of(says(phone.entity, challenge, "approved")), ErrorCode::kChallengeExpired);
  EXPECT_TRUE(fixture.row().state.proofs.empty());
  EXPECT_EQ(evidence(0).size(), store::kDeviceProofsMax);
}

TEST_F(VerifyDevices, ATransactionThatIsOverIsNotApproved) {
  const auto phone = founding_device();
  fixture.policy("any").any_of.add(domain::Method::kPush);
  const auto id = fixture.hold("any");
  const auto challenge = challenge_of(phone.entity, ask_for(id, phone)->challenge);
  ASSERT_TRUE(fixture.cancel());
  EXPECT_EQ(fault_of(says(phone.entity, challenge, "approved")), ErrorCode::kChallengeExpired);
  EXPECT_EQ(challenge_of(phone.entity, challenge.id).state.status, domain::ChallengeStatus::kPending);
  EXPECT_EQ(why(ask_for(id, phone)), Code::kTransactionNotHeld);
}

TEST_F(VerifyDevices, OnlyWhatCountsIsAsked) {
  fixture.policy("any").any_of.add(domain::Method::kPush);
  fixture.hold("any");
  ASSERT_TRUE(fixture.start());
  ASSERT_TRUE(fixture.check(fixture.code()));  // The founding is over.
  fixture.wait(seconds(1));
  const auto phone = device(key);
  const auto id = fixture.hold("any");
  EXPECT_EQ(why(ask_for(id, phone)), Code::kSourceDoesNotCount) << "it waits, as every later source does";
  fixture.tell_all();
  fixture.wait(hours(72) + seconds(1));
  EXPECT_EQ(why(ask_for(fixture.hold("any"), phone)), kYes);
  const auto theirs = device(other, "another-person");
  EXPECT_EQ(why(ask_for(fixture.current(), theirs)), Code::kNotFound);
  fixture.policy("any").any_of = {domain::Method::kSms};
  EXPECT_EQ(why(ask_for(fixture.hold("any"), phone)), Code::kMethodNotAllowed);
}

// The thief has her line, and the session with which the application registers the thief's phone.
TEST_F(VerifyDevices, APhoneAddedByAStolenLineIsNoSecondKindBesideIt) {
  fixture.policy("strict").any_of = {domain::Method::kSms, domain::Method::kPush};
  fixture.hold("any");
  ASSERT_TRUE(fixture.start());
  ASSERT_TRUE(fixture.check(fixture.code()));
  fixture.wait(seconds(1));
  const auto phone = device(key);
  const auto id = fixture.hold("strict");
  EXPECT_EQ(why(ask_for(id, phone)), Code::kSourceDoesNotCount);
  ASSERT_TRUE(fixture.start());
  ASSERT_TRUE(fixture.check(fixture.code()));
  EXPECT_EQ(fixture.status(), domain::TransactionStatus::kHeld);
}

TEST_F(VerifyDevices, ALostPhoneVoidsWhatItApproved) {
  const auto phone = founding_device();
  fixture.policy("strict").any_of = {domain::Method::kSms, domain::Method::kPush};
  const auto id = fixture.hold("strict");
  ASSERT_TRUE(says(phone.entity, challenge_of(phone.entity, ask_for(id, phone)->challenge), "approved"));
  ASSERT_TRUE(fixture.start());
  ASSERT_TRUE(fixture.check(fixture.code()));
  EXPECT_EQ(fixture.status(), domain::TransactionStatus::kVerified);
  ASSERT_TRUE(work([&](const usecase::Work& w) {
    return verify_api::remove_factor(w, api.service, phone.entity, phone.factor.row.state.id);
  }));
  EXPECT_EQ(fixture.status(), domain::TransactionStatus::kCanceled);
}

}  // namespace
}  // namespace countersign::testing
