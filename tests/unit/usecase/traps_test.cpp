#include "tests/unit/usecase/script.h"
#include "usecase/transaction/show.h"

// Ten faults that other servers of this kind have had, one test each, named after the fault. Three are about parts that
// stand elsewhere, or are not there yet, and the part that exists is tested here:
//  3 (the attempt is claimed in the statement that reads it) has its races over real HTTP in tests/server;
//  6 (nothing is consumed by GET or by an auto-submitted form): every use case behind a GET runs in a transaction that
//    can only read; tests/server calls the routes. The hosted page and its form are not there yet.
//  7 (a passkey is not rejected for a changed backup flag) stands beside the passkeys (passkey/check_test.cpp). Here: a
//    policy may name them and nothing else passes for one.
namespace countersign::testing {
namespace {

TEST(Trap01, ALockIsOfOneChallengeAndOneFactorNeverOfTheAccount) {
  Fixture fixture;
  fixture.request().identity = "somebody-else";
  verify(fixture);
  fixture.request().identity = kIdentity;
  active_factor(fixture);
  fixture.request().contacts.push_back({Channel::kEmail, std::string(kEmail)});
  fixture.hold("strict");
  ASSERT_EQ(why(fixture.start(Channel::kSms)), kYes);
  guess_wrong(fixture, 5);
  ASSERT_EQ(why(fixture.start(Channel::kSms)), Code::kLocked);
  for (int i = 0; i < 5; ++i) static_cast<void>(fixture.check_totp(fixture.totp_code(50)));
  ASSERT_EQ(why(fixture.check_totp(fixture.totp_code())), Code::kLocked);
  // Another contact of the same person, and another person who has proved the same telephone.
  ASSERT_EQ(why(fixture.start(Channel::kEmail)), kYes);
  EXPECT_EQ(why(fixture.check(fixture.code())), kYes);
  fixture.request().identity = "somebody-else";
  fixture.hold("any");
  ASSERT_EQ(why(fixture.start(Channel::kSms)), kYes);
  EXPECT_EQ(why(fixture.check(fixture.code())), kYes);
}

TEST(Trap02, LockPolicyAndExpiryAreJudgedAgainAtTheEnd) {
  Fixture fixture;
  // Locked after the code was sent.
  const auto first = fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  const std::string code = fixture.code();
  fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  guess_wrong(fixture, 5);
  EXPECT_EQ(why(fixture.check(first, code)), Code::kLocked);
  // The policy is the one of the hold, however it is configured now.
  fixture.wait(seconds(30));
  fixture.hold("strict");
  ASSERT_EQ(why(fixture.start()), kYes);
  fixture.policy("strict").min_kinds = 1;
  EXPECT_EQ(fixture.check(fixture.code())->status, TransactionStatus::kHeld);
  // Expired between the start and the check, and between the approval and the claim.
  fixture.request().expires_in = minutes(1);
  fixture.hold("any");
  ASSERT_EQ(why(fixture.start()), kYes);
  fixture.wait(minutes(1));
  EXPECT_EQ(why(fixture.check(fixture.code())), Code::kTransactionExpired);
  verify(fixture);
  fixture.wait(minutes(5));
  EXPECT_EQ(why(fixture.claim()), Code::kTransactionExpired);
}

TEST(Trap03, TheAttemptIsSpentInTheTransactionThatJudgesTheCode) {
  Fixture fixture;
  fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  for (int i = 1; i <= 5; ++i) {
    guess_wrong(fixture, 1);
    EXPECT_EQ(fixture.verification().state.attempts, i);
  }
  EXPECT_EQ(why(fixture.check(fixture.code())), Code::kAttemptsExhausted);
}

TEST(Trap04, AResendKeepsTheAttemptCount) {
  Fixture fixture;
  fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  guess_wrong(fixture, 4);
  fixture.wait(seconds(30));
  ASSERT_EQ(why(fixture.start()), kYes);
  EXPECT_EQ(fixture.verification().state.attempts, 4);
  EXPECT_EQ(guess_wrong(fixture, 1), Code::kWrongCode);
  EXPECT_EQ(why(fixture.check(fixture.code())), Code::kAttemptsExhausted);
}

TEST(Trap05, TheSameFactorTwiceIsNotTwoFactors) {
  Fixture fixture;
  active_factor(fixture);
  const FactorId first = fixture.factor();
  fixture.request().contacts = {{Channel::kSms, std::string(kPhone)},
                                {Channel::kCall, std::string(kPhone)},
                                {Channel::kWhatsapp, std::string(kPhone)},
                                {Channel::kSms, std::string(kOtherPhone)}};
  fixture.limits().resend_waits = {};
  fixture.hold("strict");
  for (const auto channel : {Channel::kSms, Channel::kCall, Channel::kWhatsapp, Channel::kSms}) {
    ASSERT_EQ(why(fixture.start(channel)), kYes);
    EXPECT_EQ(fixture.check(fixture.code())->status, TransactionStatus::kHeld);
  }
  ASSERT_EQ(why(fixture.start({fixture.current(), Channel::kSms, std::string(kPhone)})), kYes);
  const auto phones = fixture.check(fixture.code());
  EXPECT_EQ(phones->status, TransactionStatus::kHeld);
  EXPECT_EQ(phones->judgement.kinds_proven, 1);
  EXPECT_EQ(fixture.check_totp(fixture.totp_code(-1), first.text())->status, TransactionStatus::kVerified);

  fixture.hold("strict");
  EXPECT_EQ(why(fixture.check_totp(fixture.totp_code(), first.text())), kYes);
  fixture.wait(seconds(30));
  EXPECT_EQ(fixture.check_totp(fixture.totp_code(), first.text())->status, TransactionStatus::kHeld);
}

TEST(Trap06, NothingIsConsumedByReading) {
  Fixture fixture;
  active_factor(fixture);
  ASSERT_EQ(why(fixture.add_endpoint()), kYes);
  verify(fixture);
  const auto before = fixture.all_events().size();
  // In a transaction that can only read: a statement that changes something ends the test.
  const auto read = fixture.store().read_now([&](store::Tx& tx) {
    const auto caller = fixture.caller();
    Moment moment{fixture.now(), fixture.random()};
    const usecase::Work work{tx, fixture.context(), caller, moment};
    bool all = usecase::show_transaction(work, fixture.current()).has_value();
    all = all && !usecase::list_transactions(work, {}).views.empty();
    all = all && !usecase::list_contacts(work, {std::string(kIdentity)})->empty();
    all = all && !usecase::list_factors(work, kIdentity).empty();
    const auto endpoints = usecase::list_endpoints(work);
    all = all && endpoints.size() == 1 && usecase::show_endpoint(work, endpoints[0].id).has_value();
    return all && usecase::list_deliveries(tx, caller, endpoints[0].id, {}).has_value();
  });
  ASSERT_TRUE(read) << read.error().detail;
  EXPECT_TRUE(*read);
  EXPECT_EQ(fixture.all_events().size(), before);
  EXPECT_EQ(fixture.status(), TransactionStatus::kVerified);
  EXPECT_EQ(why(fixture.claim()), kYes);
}

TEST(Trap07, APolicyThatWantsAPasskeyTakesNothingElseForOne) {
  Fixture fixture;
  active_factor(fixture);
  fixture.policy("any").any_of = {domain::Method::kWebauthn};
  fixture.hold();
  EXPECT_EQ(why(fixture.start()), Code::kMethodNotAllowed);
  EXPECT_EQ(why(fixture.check_totp(fixture.totp_code())), Code::kMethodNotAllowed);
}

TEST(Trap08, TotpIsSha1SixDigitsThirtySecondsOneStepAndEachOnce) {
  Fixture fixture;
  const auto enrolment = fixture.enrol();
  const std::string& uri = enrolment->otpauth_uri.expose();
  for (const char* part : {"algorithm=SHA1", "digits=6", "period=30"}) {
    EXPECT_NE(uri.find(part), std::string::npos) << uri;
  }
  ASSERT_EQ(why(fixture.confirm()), kYes);
  fixture.wait(seconds(90));
  fixture.hold("strict");
  EXPECT_EQ(why(fixture.check_totp(fixture.totp_code(-2))), Code::kWrongCode);
  EXPECT_EQ(why(fixture.check_totp(fixture.totp_code(2))), Code::kWrongCode);
  EXPECT_EQ(why(fixture.check_totp(fixture.totp_code(1))), kYes);
  EXPECT_EQ(why(fixture.check_totp(fixture.totp_code(1))), Code::kWrongCode);  // The matched step is stored,
  EXPECT_EQ(why(fixture.check_totp(fixture.totp_code(0))), Code::kWrongCode);  // and spends those before it.
}

TEST(Trap09, ForwardedAddressesCountFromTrustedProxiesAloneAndNobodySharesABucket) {
  const auto peer = *IpAddress::parse("198.51.100.1");
  EXPECT_EQ(client_address(peer, "192.0.2.1", {}), peer);
  const std::vector<Cidr> proxies{*Cidr::parse("198.51.100.0/24")};
  EXPECT_EQ(client_address(peer, "203.0.113.9, 192.0.2.1", proxies), *IpAddress::parse("192.0.2.1"));
  // Where the person's own address is not known, there is no bucket at all, rather than one for everybody.
  Fixture fixture;
  unlimited(fixture).sends_per_ip = {1, hours(1)};
  fixture.limits().checks_per_ip = {1, hours(1)};
  for (const char* identity : {"one", "two", "three"}) {
    fixture.request().identity = identity;
    verify(fixture);
  }
}

TEST(Trap10, SendingAndCheckingAreCountedApart) {
  Fixture fixture;
  fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  for (const auto wait : {seconds(30), seconds(60), seconds(120)}) {
    fixture.wait(wait);
    ASSERT_EQ(why(fixture.start()), kYes);
  }
  EXPECT_EQ(fixture.verification().state.attempts, 0);  // Sends cost no guess,
  guess_wrong(fixture, 2);                              // At two codes each: four attempts.
  EXPECT_EQ(fixture.verification().state.sends, 4);     // guesses cost no send,
  EXPECT_EQ(why(fixture.check(fixture.code())), kYes);  // and the right code on the last try is right.
}

}  // namespace
}  // namespace countersign::testing
