#include <set>

#include "base/encoding.h"
#include "store/repository/factors.h"
#include "tests/unit/usecase/passkey/key_holder.h"

namespace countersign::testing {
namespace {

using webauthn::Algorithm;

store::FactorRow row_of(Fixture& fixture, const KeyHolder& holder) {
  return *fixture.in([&](store::Tx& tx, Moment&) {
    const auto subject = store::find_subject(tx, fixture.context().vault, fixture.account(), holder.identity);
    return store::find_factor(tx, fixture.account(), *subject, holder.factor);
  });
}

// [WA-R1, WA-R2]
TEST(PasskeyEnrolment, OptionsAreWhatTheStandardAsksFor) {
  Fixture fixture;
  offer_passkeys(fixture);
  KeyHolder holder(fixture);
  const auto options = json_of(holder.enrol()->options);
  EXPECT_EQ(json_text(options.at("rp").as_object(), "id"), "verify.example.com");
  const auto& user = options.at("user").as_object();
  const auto handle = from_base64url(json_text_or_empty(user, "id"));
  ASSERT_TRUE(handle);
  EXPECT_EQ(handle->size(), 32U);
  EXPECT_EQ(handle->find(kIdentity), std::string::npos);
  EXPECT_EQ(from_base64url(json_text_or_empty(options, "challenge"))->size(), 32U);
  std::vector<std::int64_t> algorithms;
  for (const auto& offered : options.at("pubKeyCredParams").as_array())
    algorithms.push_back(*json_integer(offered.as_object(), "alg"));
  EXPECT_EQ(algorithms, (std::vector<std::int64_t>{-8, -7, -257}));
  EXPECT_EQ(json_text(options, "attestation"), "none");
  EXPECT_EQ(json_integer(options, "timeout"), 300'000);
  EXPECT_TRUE(options.at("excludeCredentials").as_array().empty());
}

TEST(PasskeyEnrolment, ASecondKeyKnowsTheFirstAndTheSamePerson) {
  Fixture fixture;
  offer_passkeys(fixture);
  KeyHolder first(fixture);
  first.bind();
  KeyHolder second(fixture);
  const auto options = json_of(second.enrol()->options);
  const auto& excluded = options.at("excludeCredentials").as_array();
  ASSERT_EQ(excluded.size(), 1U);
  EXPECT_EQ(json_text(excluded[0].as_object(), "id"), to_base64url(first.device.credential_id));
  EXPECT_EQ(from_base64url(json_text_or_empty(options.at("user").as_object(), "id")), first.device.user_handle);
  KeyHolder other(fixture);
  other.identity = "somebody-else";
  const auto theirs = json_of(other.enrol()->options);
  EXPECT_NE(from_base64url(json_text_or_empty(theirs.at("user").as_object(), "id")), first.device.user_handle);
}

TEST(PasskeyEnrolment, EveryOfferedAlgorithmProves) {
  for (const auto algorithm : {Algorithm::kEs256, Algorithm::kEdDsa, Algorithm::kRs256}) {
    Fixture fixture;
    offer_passkeys(fixture);
    KeyHolder holder(fixture, algorithm);
    holder.bind();
    fixture.hold();
    EXPECT_EQ(why(holder.prove()), kYes) << static_cast<int>(algorithm);
    EXPECT_EQ(fixture.status(), TransactionStatus::kVerified);
  }
}

// [WA-R21]
TEST(PasskeyEnrolment, StoresWhatTheStandardAsksForUnreadably) {
  Fixture fixture;
  offer_passkeys(fixture);
  KeyHolder holder(fixture);
  holder.device.backup_eligible = holder.device.backed_up = true;
  holder.device.sign_count = 7;
  holder.device.transports = {"nfc", "usb"};
  holder.device.aaguid = std::string(16, '\x2f');
  holder.bind();
  const auto row = row_of(fixture, holder);
  EXPECT_EQ(row.state.status, domain::FactorStatus::kActive);
  EXPECT_EQ(row.material_sealed->find(holder.device.credential_id), std::string::npos);
  const auto record = usecase::passkey_record_of(fixture.context().vault, row);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->credential_id, holder.device.credential_id);
  EXPECT_EQ(record->rp_id, "verify.example.com");
  EXPECT_EQ(record->sign_count, 7U);
  EXPECT_TRUE(record->user_verified && record->backup_eligible && record->backed_up);
  EXPECT_EQ(record->aaguid, holder.device.aaguid);
  EXPECT_EQ(record->transports, holder.device.transports);
  EXPECT_EQ(record->attestation_format, "none");
  const auto views = fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::list_factors({tx, fixture.context(), fixture.caller(), moment}, kIdentity);
  });
  ASSERT_EQ(views.size(), 1U);
  EXPECT_FALSE(views[0].passkey->device_bound);
  EXPECT_EQ(views[0].name, "Security key");
}

struct BadRegistration {
  const char* what;
  void (*spoil)(SoftwareAuthenticator&);
  const char* reason;
};

// [WA-R5 to WA-R14, WA-A14] One answer for all, and the challenge is spent.
TEST(PasskeyEnrolment, AWrongAnswerSpendsTheChallengeAndTellsNothing) {
  for (const auto& [what, spoil, reason] : std::vector<BadRegistration>{
           {"another challenge", [](auto& d) { d.challenge = to_base64url(std::string(32, 'x')); }, "wrong_challenge"},
           {"another origin", [](auto& d) { d.origin = "https://verify.example.com.evil.example"; }, "wrong_origin"},
           {"another RP", [](auto& d) { d.rp_id = "example.com"; }, "wrong_rp_id"},
           {"nobody touched it", [](auto& d) { d.user_present = false; }, "user_not_present"},
           {"BS without BE", [](auto& d) { d.backed_up = true; }, "backed_up_without_eligibility"}}) {
    Fixture fixture;
    offer_passkeys(fixture);
    KeyHolder holder(fixture);
    const auto options = holder.enrol()->options;
    SoftwareAuthenticator bad = holder.device;
    spoil(bad);
    const auto refused = holder.confirm_with(bad.create(options));
    ASSERT_EQ(why(refused), Code::kWrongResponse) << what;
    EXPECT_EQ(refused.error().detail, "the answer was not accepted, and its challenge is spent; enrol again") << what;
    EXPECT_EQ(fixture.all_events().back().type, "factor.response_wrong");
    EXPECT_EQ(reason_of(fixture), reason) << what;
    EXPECT_EQ(why(holder.confirm(options)), Code::kFactorUnusable) << what << ": spent";
  }
}

TEST(PasskeyEnrolment, IsOpenForFiveMinutes) {
  for (const bool late : {false, true}) {
    Fixture fixture;
    offer_passkeys(fixture);
    KeyHolder holder(fixture);
    const auto options = holder.enrol()->options;
    fixture.wait(late ? minutes(5) : minutes(5) - kTick);
    EXPECT_EQ(why(holder.confirm(options)), late ? std::optional(Code::kFactorUnusable) : kYes);
  }
}

TEST(PasskeyEnrolment, PresenceIsNotEnoughWhereTheServiceAsksForThePerson) {
  Fixture fixture;
  offer_passkeys(fixture);
  fixture.settings().accounts.at(fixture.account()).services.front().passkeys->user_verification =
      webauthn::UserVerification::kRequired;
  KeyHolder holder(fixture);
  holder.device.user_verified = false;
  EXPECT_EQ(why(holder.confirm(holder.enrol()->options)), Code::kWrongResponse);
  EXPECT_EQ(reason_of(fixture), "user_not_verified");
}

// [WA-R20]
TEST(PasskeyEnrolment, ACredentialIsRegisteredOnceWhoeverSendsIt) {
  Fixture fixture;
  offer_passkeys(fixture);
  KeyHolder holder(fixture);
  holder.bind();
  KeyHolder thief(fixture);
  thief.identity = "somebody-else";
  thief.device.credential_id = holder.device.credential_id;
  EXPECT_EQ(why(thief.confirm(thief.enrol()->options)), Code::kWrongResponse);
  EXPECT_EQ(reason_of(fixture), "credential_already_registered");
}

TEST(PasskeyEnrolment, IsTheSubjectsAndTheServices) {
  Fixture fixture;
  KeyHolder holder(fixture);
  EXPECT_EQ(why(holder.enrol()), Code::kChannelUnavailable) << "the service has no passkeys";
  offer_passkeys(fixture);
  const auto options = holder.enrol()->options;
  KeyHolder other(fixture);
  other.identity = "somebody-else";
  other.factor = holder.factor;
  EXPECT_EQ(why(other.confirm(options)), Code::kNotFound);
  EXPECT_EQ(why(holder.confirm(options)), kYes);
  EXPECT_EQ(why(holder.confirm(options)), Code::kFactorUnusable) << "confirmed already";
}

TEST(PasskeyEnrolment, AnAppsCodeConfirmsNoPasskey) {
  Fixture fixture;
  offer_passkeys(fixture);
  KeyHolder holder(fixture);
  ASSERT_EQ(why(holder.enrol()), kYes);
  const auto refused = fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::confirm_factor({tx, fixture.context(), fixture.caller(), moment}, kIdentity, holder.factor,
                                   SecretString("123456"));
  });
  EXPECT_EQ(why(refused), Code::kFactorUnusable);
}

// What nobody has vouched for is refused where the operator asks for it. [WA-R19]
TEST(PasskeyEnrolment, AnAuthenticatorWithoutAMakersWordIsRefusedWhereThatIsAskedFor) {
  Fixture fixture;
  offer_passkeys(fixture);
  auto& passkeys = *fixture.settings().accounts.at(fixture.account()).services.front().passkeys;
  passkeys.wants_attestation = true;
  passkeys.attestation.accepted = {webauthn::AttestationType::kBasic};
  KeyHolder holder(fixture);
  const auto options = holder.enrol()->options;
  EXPECT_EQ(json_text(json_of(options), "attestation"), "direct");
  EXPECT_EQ(why(holder.confirm(options)), Code::kWrongResponse);
  EXPECT_EQ(reason_of(fixture), "attestation_type_not_accepted");
}

// A later passkey waits like every source. [STD-3]
TEST(PasskeyEnrolment, ALaterKeyOfAKnownPersonWaits) {
  Fixture fixture;
  offer_passkeys(fixture);
  verify(fixture);
  fixture.wait(hours(25));
  KeyHolder holder(fixture);
  holder.bind();
  fixture.hold();
  EXPECT_EQ(why(holder.ask()), Code::kSourceDoesNotCount);
  fixture.tell_all();
  fixture.wait(hours(72));
  fixture.hold();
  EXPECT_EQ(why(holder.prove()), kYes);
}

// The browser is told to forget a passkey only if nobody has it: accounts may share an RP ID.
TEST(PasskeyOfNobody, IsOneThatNoAccountHasAtThatRpId) {
  Fixture fixture;
  offer_passkeys(fixture);
  KeyHolder holder(fixture);
  holder.bind();
  const std::string& id = holder.device.credential_id;
  const auto knows = [&](const AccountId& account, std::string_view rp_id) {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      usecase::Caller caller = fixture.caller();
      caller.account = account;
      return usecase::knows_credential({tx, fixture.context(), caller, moment}, rp_id, id);
    });
  };
  AccountId another = fixture.account();
  another.id.raw[0] ^= 1U;
  EXPECT_TRUE(knows(fixture.account(), "verify.example.com"));
  EXPECT_TRUE(knows(another, "verify.example.com"));
  EXPECT_FALSE(knows(another, "other.example"));
  ASSERT_EQ(why(fixture.remove(holder.factor)), kYes);
  EXPECT_FALSE(knows(another, "verify.example.com"));
  EXPECT_FALSE(knows(fixture.account(), "verify.example.com"));
}

}  // namespace
}  // namespace countersign::testing
