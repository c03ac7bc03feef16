#include "usecase/risk/shared_signals.h"

#include <gmock/gmock.h>

#include "crypto/jws.h"
#include "support/fixture.h"
#include "usecase/risk/alert.h"

namespace countersign::usecase {
namespace {

using namespace countersign::testing;
using namespace std::chrono_literals;
using domain::standing::WhyNot;
using ::testing::HasSubstr;

constexpr std::string_view kIssuer = "https://accounts.example.com/";
constexpr std::string_view kAudience = "https://verify.example.com/v1/shared-signals/idp";
constexpr std::string_view kByIdentity = R"({"format":"opaque","id":"organizer-42"})";
constexpr std::string_view kByEmail = R"({"format":"email","email":"Ana.Lima@Example.com"})";
constexpr std::string_view kByPhone = R"({"format":"phone_number","phone_number":"+5511987654321"})";

struct SharedSignals : ::testing::Test {
  void SetUp() override {
    receiver.name = "idp";
    receiver.account = fixture.account();
    receiver.issuer = kIssuer;
    receiver.audience = kAudience;
    receiver.subject_issuer = kIssuer;
    fixture.settings().shared_signals = {fixture.account()};
    hold_and_prove();
    fixture.wait(30 * 24h);
  }
  void hold_and_prove() {
    fixture.hold();
    ASSERT_EQ(why(fixture.start()), kYes);
    ASSERT_EQ(why(fixture.check(fixture.code())), kYes);
  }
  std::string claims(std::string_view event, std::string_view subject, std::string_view jti, WallTime issued) const {
    const bool caep = event == "session-revoked" || event == "device-compliance-change";
    return R"({"iss":")" + std::string(kIssuer) + R"(","aud":")" + std::string(kAudience) + R"(","jti":")" +
           std::string(jti) + R"(","iat":)" + std::to_string(to_unix_seconds(issued)) + R"(,"sub_id":)" +
           std::string(subject) + R"(,"events":{"https://schemas.openid.net/secevent/)" + (caep ? "caep" : "risc") +
           "/event-type/" + std::string(event) + R"(":{}}})";
  }
  std::string token(std::string_view event, std::string_view subject, std::string_view jti) {
    return crypto::sign_jws(key, "secevent+jwt", claims(event, subject, jti, fixture.now()));
  }
  /// Posts a token as the endpoint takes it.
  std::optional<SetRefusal> post(const std::string& text) {
    auto events = read_set(text, keys, receiver, fixture.now());
    if (!events) return events.error();
    const auto taken = fixture.in([&](store::Tx& tx, Moment& moment) {
      const Caller caller{fixture.account(), "signal:idp", "", std::nullopt};
      return take_security_events({tx, fixture.context(), caller, moment}, receiver, *events, text);
    });
    if (!taken) return SetRefusal::kInvalidRequest;
    EXPECT_EQ(taken->http_status, 202);
    return std::nullopt;
  }
  std::optional<SetRefusal> tell(std::string_view event, std::string_view subject) {
    return post(token(event, subject, "jti-" + std::to_string(++last_jti)));
  }
  bool alerted(std::string_view identity = kIdentity) {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      const Work work{tx, fixture.context(), fixture.caller(), moment};
      const auto subject = store::find_subject(tx, fixture.context().vault, fixture.account(), identity);
      return subject && is_alerted(work, *subject);
    });
  }
  int told() {
    int count = 0;
    for (const auto& event : fixture.all_events()) count += event.type == "signal.received" ? 1 : 0;
    return count;
  }

  Fixture fixture;
  SeededRandom random{7};
  crypto::SigningKey key = crypto::SigningKey::generate(crypto::JwsAlgorithm::kEs256, random);
  std::vector<crypto::ForeignKey> keys{*crypto::ForeignKey::from_jwk(key.public_jwk())};
  SignalReceiver receiver;
  int last_jti = 0;
};

TEST_F(SharedSignals, AnAlertAsksForAnotherKindWhereSheHasOne) {
  ASSERT_EQ(why(fixture.enrol()), kYes);
  ASSERT_EQ(why(fixture.confirm()), kYes);
  fixture.tell_all();
  fixture.wait(80h);
  EXPECT_EQ(tell("session-revoked", kByIdentity), std::nullopt);
  EXPECT_TRUE(alerted());
  fixture.hold();
  EXPECT_EQ(fixture.row().state.policy.min_kinds, 2);
  ASSERT_EQ(why(fixture.start()), kYes);
  ASSERT_EQ(why(fixture.check(fixture.code())), kYes);
  EXPECT_EQ(fixture.status(), domain::TransactionStatus::kHeld);
  ASSERT_EQ(why(fixture.check_totp(fixture.totp_code())), kYes);
  EXPECT_EQ(fixture.status(), domain::TransactionStatus::kVerified);
  fixture.wait(kAlertHolds);
  fixture.hold();
  EXPECT_EQ(fixture.row().state.policy.min_kinds, 1);
}

TEST_F(SharedSignals, EachAlertHoldsItsTwoDays) {
  EXPECT_EQ(tell("session-revoked", kByIdentity), std::nullopt);
  fixture.wait(47h);
  EXPECT_EQ(tell("session-revoked", kByIdentity), std::nullopt);
  fixture.wait(47h);
  EXPECT_TRUE(alerted()) << "of the second";
  fixture.wait(1h);
  EXPECT_FALSE(alerted());
  EXPECT_EQ(tell("session-revoked", kByIdentity), std::nullopt);
  fixture.wait(-2h);
  EXPECT_EQ(tell("session-revoked", kByIdentity), std::nullopt) << "of a clock that was set back";
  fixture.wait(49h);
  EXPECT_TRUE(alerted()) << "of the later one";
}

TEST_F(SharedSignals, WhoeverHasOneKindIsNotShutOut) {
  EXPECT_EQ(tell("account-disabled", kByIdentity), std::nullopt);
  EXPECT_TRUE(alerted());
  hold_and_prove();
  EXPECT_EQ(fixture.status(), domain::TransactionStatus::kVerified);
  EXPECT_TRUE(fixture.counts(Channel::kSms, kPhone).own());
}

TEST_F(SharedSignals, AStolenAccountStopsWhatWasAddedAndDoesNotCountYet) {
  ASSERT_EQ(why(fixture.add_contact(Channel::kSms, "+5511911112222")), kYes);
  fixture.tell_all();
  EXPECT_EQ(fixture.counts(Channel::kSms, "+5511911112222").why_not, WhyNot::kWaits);
  EXPECT_EQ(tell("credential-compromise", kByIdentity), std::nullopt);
  EXPECT_EQ(fixture.counts(Channel::kSms, "+5511911112222").why_not, WhyNot::kStopped);
  EXPECT_TRUE(fixture.counts(Channel::kSms, kPhone).own());
}

TEST_F(SharedSignals, AContactIsSuspectedByWhoeverRunsItAlone) {
  ASSERT_TRUE(fixture.counts(Channel::kSms, kPhone).own());
  EXPECT_EQ(tell("identifier-recycled", kByPhone), std::nullopt);
  EXPECT_TRUE(fixture.counts(Channel::kSms, kPhone).own());
  receiver.runs_mailboxes = true;
  EXPECT_EQ(tell("identifier-recycled", kByPhone), std::nullopt);
  EXPECT_TRUE(fixture.counts(Channel::kSms, kPhone).own());
  receiver.runs_lines = true;
  EXPECT_EQ(tell("identifier-recycled", kByPhone), std::nullopt);
  EXPECT_EQ(fixture.counts(Channel::kSms, kPhone).why_not, WhyNot::kNotTold);
  // Told again, it does not begin anew.
  const auto began = fixture.history().bindings.front().waits_anew_since;
  ASSERT_TRUE(began);
  fixture.wait(1h);
  const auto late =
      crypto::sign_jws(key, "secevent+jwt", claims("identifier-recycled", kByPhone, "late", fixture.now() - 2h));
  EXPECT_EQ(post(late), std::nullopt);
  EXPECT_EQ(fixture.history().bindings.front().waits_anew_since, began);
}

TEST_F(SharedSignals, AMailboxIsFoundHoweverItIsWritten) {
  fixture.request().identity = "with-mailbox";
  fixture.request().contacts = {{Channel::kEmail, std::string(kEmail)}};
  fixture.hold();
  fixture.wait(1h);
  receiver.runs_mailboxes = true;
  EXPECT_EQ(tell("account-disabled", kByEmail), std::nullopt);
  EXPECT_FALSE(fixture.counts(Channel::kEmail, kEmail, "with-mailbox").any());
  EXPECT_TRUE(alerted("with-mailbox"));
  EXPECT_FALSE(alerted());
}

TEST_F(SharedSignals, TheUnknownAndTheUnrelatedAreAcceptedAndIgnored) {
  for (const char* subject :
       {R"({"format":"opaque","id":"nobody"})", R"({"format":"phone_number","phone_number":"+5511900000000"})",
        R"({"format":"phone_number","phone_number":"not a number"})", R"({"format":"email","email":"@"})",
        R"({"format":"email","email":"nobody@example.com"})", R"({"format":"did","url":"did:example:1"})", "{}",
        // Of another issuer, whose names say nothing here.
        R"({"format":"iss_sub","iss":"https://other.example.com/","sub":"organizer-42"})"})
    EXPECT_EQ(tell("account-disabled", subject), std::nullopt) << subject;
  EXPECT_EQ(tell("account-enabled", kByIdentity), std::nullopt);
  EXPECT_EQ(told(), 0);
  EXPECT_FALSE(alerted());
  EXPECT_EQ(
      tell("account-disabled", R"({"format":"iss_sub","iss":"https://accounts.example.com/","sub":"organizer-42"})"),
      std::nullopt);
  EXPECT_EQ(told(), 1);
}

TEST_F(SharedSignals, ARepeatedTokenHasNoSecondEffect) {
  const std::string once = token("account-disabled", kByIdentity, "once");
  EXPECT_EQ(post(once), std::nullopt);
  EXPECT_EQ(post(once), std::nullopt);
  EXPECT_EQ(told(), 1);
  // With other content it is refused, as is one that is too old to be remembered.
  EXPECT_EQ(post(token("session-revoked", kByIdentity, "once")), SetRefusal::kInvalidRequest);
  fixture.wait(kSetAgeMax + 1s);
  EXPECT_EQ(post(once), SetRefusal::kInvalidRequest);
  EXPECT_EQ(told(), 1);
}

// What one issuer calls its tokens says nothing of another's.
TEST_F(SharedSignals, TheSameNameOfATokenFromTwoReceiversIsTwoTokens) {
  EXPECT_EQ(post(token("account-disabled", kByIdentity, "once")), std::nullopt);
  receiver.name = "other";
  EXPECT_EQ(post(token("session-revoked", kByIdentity, "once")), std::nullopt);
  EXPECT_EQ(told(), 2);
}

TEST_F(SharedSignals, WhatIsNotForUsIsRefusedByName) {
  const std::string good = token("account-disabled", kByIdentity, "a");
  const auto refusal = [&](auto change) {
    SignalReceiver other = receiver;
    change(other);
    const auto events = read_set(good, keys, other, fixture.now());
    return events ? std::nullopt : std::optional(events.error());
  };
  EXPECT_EQ(refusal([](SignalReceiver&) {}), std::nullopt);
  EXPECT_EQ(refusal([](SignalReceiver& r) { r.issuer = "https://accounts.example.com"; }), SetRefusal::kInvalidIssuer);
  EXPECT_EQ(refusal([](SignalReceiver& r) { r.audience += "/"; }), SetRefusal::kInvalidAudience);
  EXPECT_EQ(refusal([](SignalReceiver& r) { r.algorithms = {crypto::ForeignAlgorithm::kRs256}; }),
            SetRefusal::kInvalidKey);
  const auto forged = crypto::SigningKey::generate(crypto::JwsAlgorithm::kEs256, random);
  EXPECT_EQ(post(crypto::sign_jws(forged, "secevent+jwt", claims("account-disabled", kByIdentity, "b", fixture.now()))),
            SetRefusal::kInvalidKey);
  EXPECT_EQ(post(crypto::sign_jws(key, "JWT", claims("account-disabled", kByIdentity, "c", fixture.now()))),
            SetRefusal::kInvalidRequest);
  EXPECT_EQ(post("garbage"), SetRefusal::kInvalidRequest);
  const auto at = [&](WallTime issued) {
    return post(crypto::sign_jws(key, "secevent+jwt", claims("account-disabled", kByIdentity, "d", issued)));
  };
  EXPECT_EQ(at(fixture.now() + kSetAhead + 1s), SetRefusal::kInvalidRequest);
  EXPECT_EQ(at(fixture.now() - kSetAgeMax - 1s), SetRefusal::kInvalidRequest);
  EXPECT_EQ(told(), 0);
  EXPECT_EQ(at(fixture.now() + kSetAhead - 1s), std::nullopt);
}

TEST_F(SharedSignals, AnAlertIsReadOnlyWhereIssuersTell) {
  EXPECT_EQ(tell("session-revoked", kByIdentity), std::nullopt);
  EXPECT_TRUE(alerted());
  fixture.settings().shared_signals.clear();
  EXPECT_FALSE(alerted());
}

TEST_F(SharedSignals, WhatWasDoneIsInTheAuditLog) {
  receiver.runs_lines = true;
  EXPECT_EQ(tell("account-purged", kByPhone), std::nullopt);
  for (const auto& event : fixture.all_events()) {
    if (event.type != "signal.received") continue;
    EXPECT_THAT(
        event.data,
        HasSubstr(R"("told_by":"idp","told_of":"account-purged","effects":"asks_for_more contact_waits_anew")"));
    EXPECT_EQ(event.actor, "signal:idp");
  }
  EXPECT_EQ(told(), 1);
}

}  // namespace
}  // namespace countersign::usecase
