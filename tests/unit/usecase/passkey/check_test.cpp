#include <algorithm>
#include <set>

#include "base/encoding.h"
#include "store/repository/ceremonies.h"
#include "tests/unit/usecase/counting.h"
#include "tests/unit/usecase/passkey/key_holder.h"
#include "usecase/subject/person_page.h"
#include "webauthn/response_json.h"

namespace countersign::testing {
namespace {

using webauthn::Algorithm;

usecase::PasskeySettings& passkeys(Fixture& fixture) {
  return *fixture.settings().accounts.at(fixture.account()).services.front().passkeys;
}

/// Somebody with a passkey, and a held transaction.
struct PasskeyCheck : ::testing::Test {
  PasskeyCheck() {
    offer_passkeys(fixture);
    holder.bind();
    fixture.hold();
  }
  Fixture fixture;
  KeyHolder holder{fixture};
};

// [WA-A1]
TEST_F(PasskeyCheck, OptionsNameThePersonsKeysAlone) {
  KeyHolder other(fixture);
  other.identity = "somebody-else";
  other.bind();
  const auto options = json_of(holder.options());
  const auto& allowed = options.at("allowCredentials").as_array();
  ASSERT_EQ(allowed.size(), 1U);
  EXPECT_EQ(json_text(allowed[0].as_object(), "id"), to_base64url(holder.device.credential_id));
  EXPECT_EQ(json_text(options, "rpId"), "verify.example.com");
  EXPECT_EQ(json_text(options, "userVerification"), "preferred");
  EXPECT_NE(json_text(options, "challenge"), json_text(json_of(holder.options()), "challenge"));
}

TEST_F(PasskeyCheck, TheRightAnswerVerifies) {
  EXPECT_EQ(holder.prove()->status, TransactionStatus::kVerified);
  const auto proof = fixture.row().state.proofs.at(0);
  EXPECT_EQ(proof.method, domain::Method::kWebauthn);
  EXPECT_EQ(proof.source, holder.factor.id);
  EXPECT_TRUE(proof.passkey.user_verified && proof.passkey.device_bound);
  const auto events = fixture.events();
  EXPECT_NE(std::ranges::find(events, "passkey.challenged"), events.end());
  EXPECT_NE(std::ranges::find(events, "check.approved"), events.end());
}

struct BadAnswer {
  const char* what;
  void (*spoil)(SoftwareAuthenticator&);
  const char* reason;
};

// [WA-A2 to WA-A9, WA-A14] One answer for all; each spends its challenge.
TEST_F(PasskeyCheck, AWrongAnswerSpendsTheChallengeAndTellsNothing) {
  for (const auto& [what, spoil, reason] : std::vector<BadAnswer>{
           {"another origin", [](auto& d) { d.origin = "https://evil.example"; }, "wrong_origin"},
           {"another RP", [](auto& d) { d.rp_id = "example.com"; }, "wrong_rp_id"},
           {"nobody touched it", [](auto& d) { d.user_present = false; }, "user_not_present"},
           {"another person", [](auto& d) { d.user_handle = std::string(32, 'x'); }, "wrong_user_handle"},
           {"BS without BE", [](auto& d) { d.backed_up = true; }, "backed_up_without_eligibility"},
           {"a wrong signature", [](auto& d) { d.wrong_signature = true; }, "signature_wrong"}}) {
    const std::string options = holder.options();
    SoftwareAuthenticator bad = holder.device;
    spoil(bad);
    const auto refused = holder.answer(bad.get(options));
    ASSERT_EQ(why(refused), Code::kWrongResponse) << what;
    EXPECT_EQ(refused.error().detail, "the answer was not accepted; ask for a new challenge") << what;
    EXPECT_EQ(reason_of(fixture), reason) << what;
    EXPECT_EQ(why(holder.answer(holder.device.get(options))), Code::kWrongResponse) << what << ": spent";
    EXPECT_EQ(reason_of(fixture), "wrong_challenge");
  }
  EXPECT_EQ(why(holder.prove()), kYes) << "and never disables the key [THR-5]";
}

TEST_F(PasskeyCheck, AnAnswerWorksOnce) {
  fixture.policy("strict").any_of.add(domain::Method::kWebauthn);
  fixture.hold("strict");
  const auto answer = holder.device.get(holder.options());
  EXPECT_EQ(why(holder.answer(answer)), kYes);
  EXPECT_EQ(why(holder.answer(answer)), Code::kWrongResponse);
  EXPECT_EQ(reason_of(fixture), "wrong_challenge");
}

// Bound to the transaction. [TXN-2]
TEST_F(PasskeyCheck, AnAnswerForOneTransactionProvesNothingForAnother) {
  const TransactionId first = fixture.current();
  const auto answer = holder.device.get(holder.options());
  fixture.hold();
  EXPECT_EQ(why(holder.answer(answer)), Code::kWrongResponse) << "nothing was asked for here";
  static_cast<void>(holder.options());
  EXPECT_EQ(why(holder.answer(answer)), Code::kWrongResponse);
  EXPECT_EQ(reason_of(fixture), "wrong_challenge");
  EXPECT_EQ(fixture.status(), TransactionStatus::kHeld);
  EXPECT_EQ(why(holder.answer(first, answer)), kYes) << "where it was asked for, it was not spent by that";
}

// A challenge whose salt stands in another row is another challenge: it covers what is shown and held.
TEST_F(PasskeyCheck, AChallengeMovedToAnotherTransactionIsNone) {
  const TransactionId first = fixture.current();
  const auto answer = holder.device.get(holder.options());
  auto from = fixture.row();
  fixture.hold();
  fixture.in([&](store::Tx& tx, Moment& moment) {
    auto to = *store::find_transaction(tx, fixture.account(), fixture.current());
    store::put_ceremonies(fixture.context().vault, to, store::open_ceremonies(fixture.context().vault, from),
                          moment.random);
    store::save_ceremonies(tx, to);
    return Done{};
  });
  EXPECT_EQ(why(holder.answer(answer)), Code::kWrongResponse);
  EXPECT_EQ(why(holder.answer(first, answer)), kYes);
}

TEST_F(PasskeyCheck, IsOpenForFiveMinutesAndNotBeyondTheHold) {
  const std::string options = holder.options();
  fixture.wait(minutes(5));
  EXPECT_EQ(why(holder.answer(holder.device.get(options))), Code::kWrongResponse);
  const std::string later = holder.options();
  fixture.wait(minutes(5) - kTick);
  EXPECT_EQ(why(holder.answer(holder.device.get(later))), kYes);
}

// However many tabs she has opened since.
TEST_F(PasskeyCheck, AChallengeStaysOpenWhenOthersAreAsked) {
  const std::string first = holder.options();
  for (int i = 0; i < 10; ++i) static_cast<void>(holder.options());
  EXPECT_EQ(why(holder.answer(holder.device.get(first))), kYes);
}

// [WA-R19] The metadata is newer than the key. Whoever holds an extracted key can sign as well as she.
TEST_F(PasskeyCheck, AKeyOfAModelThatIsRevokedLaterIsNeitherAskedNorTaken) {
  const auto vouched_for = [&](bool trusted) {
    fixture.in([&](store::Tx& tx, Moment& moment) {
      const auto& vault = fixture.context().vault;
      const auto subject = store::find_subject(tx, vault, fixture.account(), kIdentity);
      const auto row = store::find_factor(tx, fixture.account(), *subject, holder.factor);
      auto record = *usecase::passkey_record_of(vault, *row);
      record.attestation_trusted = trusted;
      store::save_material(tx, fixture.account(), holder.factor,
                           store::seal_material(vault, holder.factor, store::encode(record), moment.random));
      return Done{};
    });
  };
  vouched_for(true);
  const std::string asked_before = holder.options();
  passkeys(fixture).model_fell = [](std::string_view aaguid, WallTime) { return aaguid == std::string(16, '\0'); };
  EXPECT_EQ(why(holder.ask()), Code::kFactorUnusable);
  EXPECT_EQ(why(holder.answer(holder.device.get(asked_before))), Code::kWrongResponse);
  EXPECT_EQ(reason_of(fixture), "authenticator_denied");
  EXPECT_EQ(fixture.status(), TransactionStatus::kHeld);

  // What it says of its model was never vouched for, so it says nothing.
  vouched_for(false);
  EXPECT_EQ(why(holder.prove()), kYes);
}

TEST_F(PasskeyCheck, ARemovedKeyProvesNothing) {
  const std::string options = holder.options();
  ASSERT_EQ(why(fixture.remove(holder.factor)), kYes);
  EXPECT_EQ(why(holder.answer(holder.device.get(options))), Code::kWrongResponse);
  EXPECT_EQ(why(holder.ask()), Code::kFactorUnusable);
}

TEST_F(PasskeyCheck, ARemovedKeyVoidsWhatItProved) {
  ASSERT_EQ(why(holder.prove()), kYes);
  ASSERT_EQ(why(fixture.remove(holder.factor)), kYes);
  EXPECT_EQ(fixture.status(), TransactionStatus::kCanceled);
}

TEST_F(PasskeyCheck, AnotherPersonsKeyProvesNothing) {
  KeyHolder thief(fixture);
  thief.identity = "somebody-else";
  thief.bind();
  const std::string options = holder.options();
  EXPECT_EQ(why(holder.answer(thief.device.get(options))), Code::kWrongResponse);
  EXPECT_EQ(reason_of(fixture), "credential_unknown");
  EXPECT_EQ(why(holder.answer(holder.device.get(options))), kYes) << "the challenge named no key of hers: unspent";
}

// The whole game of a swapped SIM: what it adds is a repeat of the line at most. [STD-4]
TEST(PasskeyOfASwappedSim, IsNoSecondKindBesideTheLine) {
  Fixture other;
  offer_passkeys(other);
  verify(other);
  other.wait(hours(25));
  KeyHolder swapped(other);
  const auto made = swapped.enrol();
  usecase::ConfirmTerms terms;
  terms.as = usecase::BindFactor::kAdded;
  const auto line = other.history().bindings.at(0).source;
  terms.proofs = {{domain::Method::kSms, line, other.now()}};
  ASSERT_EQ(why(swapped.confirm(made->options, terms)), kYes);
  other.wait(seconds(1));
  other.hold("strict");
  EXPECT_EQ(swapped.prove()->status, TransactionStatus::kHeld);
  ASSERT_EQ(why(other.start()), kYes);
  const auto both = other.check(other.code());
  EXPECT_EQ(both->status, TransactionStatus::kHeld) << "the line, and a repeat of it";
  EXPECT_EQ(both->judgement.kinds_proven, 1);
}

// BND-7: presence alone is one factor.
TEST_F(PasskeyCheck, PresenceAloneIsRefusedWhereThePolicyAsksForThePerson) {
  fixture.policy("any").user_verification = true;
  fixture.hold();
  EXPECT_EQ(json_text(json_of(holder.options()), "userVerification"), "required");
  holder.device.user_verified = false;
  EXPECT_EQ(why(holder.prove()), Code::kWrongResponse);
  EXPECT_EQ(reason_of(fixture), "user_not_verified");
  holder.device.user_verified = true;
  EXPECT_EQ(why(holder.prove()), kYes);
}

TEST_F(PasskeyCheck, PresenceAloneIsSaidToBePresenceAlone) {
  holder.device.user_verified = false;
  ASSERT_EQ(why(holder.prove()), kYes);
  EXPECT_FALSE(fixture.row().state.proofs.at(0).passkey.user_verified);
}

TEST_F(PasskeyCheck, ASyncedKeyIsRefusedWhereThePolicyAsksForADevice) {
  KeyHolder synced(fixture);
  synced.identity = "organizer-43";
  synced.device.backup_eligible = true;
  synced.bind();
  fixture.policy("any").device_bound = true;
  fixture.request().identity = synced.identity;
  fixture.hold();
  EXPECT_EQ(why(synced.ask()), Code::kFactorUnusable) << "not even asked";
}

// Also where it says so of itself only later.
TEST_F(PasskeyCheck, AKeyThatBecameSyncedIsRefusedByThePolicyEvenIfChangesAreTolerated) {
  passkeys(fixture).strict_counter = false;
  fixture.policy("any").device_bound = true;
  fixture.hold();
  const std::string options = holder.options();
  holder.device.backup_eligible = true;
  EXPECT_EQ(why(holder.answer(holder.device.get(options))), Code::kWrongResponse);
  EXPECT_EQ(reason_of(fixture), "not_device_bound");
}

std::int64_t times(Fixture& fixture, std::string_view type) {
  return std::ranges::count(fixture.all_events(), type, &store::EventRow::type);
}

// [WA-A10]
TEST_F(PasskeyCheck, ACounterThatGoesBackIsAnEventAndRefusesUnlessTolerated) {
  holder.device.sign_count = 9;
  ASSERT_EQ(why(holder.prove()), kYes);
  fixture.hold();
  EXPECT_EQ(why(holder.prove()), Code::kWrongResponse) << "the same again";
  EXPECT_EQ(reason_of(fixture), "counter_went_back");
  EXPECT_EQ(times(fixture, "factor.counter_fallen"), 1);
  holder.device.sign_count = 3;
  passkeys(fixture).strict_counter = false;
  EXPECT_EQ(why(holder.prove()), kYes);
  EXPECT_EQ(times(fixture, "factor.counter_fallen"), 2);
  passkeys(fixture).strict_counter = true;
  fixture.hold();
  holder.device.sign_count = 9;
  EXPECT_EQ(why(holder.prove()), Code::kWrongResponse) << "what is stored never goes back";
  holder.device.sign_count = 10;
  EXPECT_EQ(why(holder.prove()), kYes);
}

// Two answers that were judged by the same stored counter: the second is judged anew by what the first has stored.
TEST_F(PasskeyCheck, TheCounterIsComparedInTheTransactionThatStoresIt) {
  fixture.policy("strict").any_of.add(domain::Method::kWebauthn);
  fixture.hold("strict");
  holder.device.sign_count = 5;
  const auto one = holder.device.get(holder.options());
  const auto two = holder.device.get(holder.options());
  const auto judged_one = holder.judge(one);
  const auto judged_two = holder.judge(two);
  EXPECT_EQ(why(holder.store(judged_one, one)), kYes);
  EXPECT_EQ(why(holder.store(judged_two, two)), Code::kWrongResponse);
  EXPECT_EQ(reason_of(fixture), "counter_went_back");
}

// What was judged on another thread counts only for what still stands. [WA-A11]
TEST_F(PasskeyCheck, OfOneAnswerJudgedTwiceOneProves) {
  fixture.hold("strict");
  const auto answer = holder.device.get(holder.options());
  const auto judged = holder.judge(answer);
  ASSERT_TRUE(judged.verdict);
  EXPECT_EQ(why(holder.store(judged, answer)), kYes);
  EXPECT_EQ(why(holder.store(judged, answer)), Code::kWrongResponse);
}

TEST_F(PasskeyCheck, AKeyRemovedWhileItsAnswerWasJudgedProvesNothing) {
  const auto answer = holder.device.get(holder.options());
  const auto judged = holder.judge(answer);
  ASSERT_EQ(why(fixture.remove(holder.factor)), kYes);
  EXPECT_EQ(why(holder.store(judged, answer)), Code::kWrongResponse);
}

TEST_F(PasskeyCheck, ChangedBackupEligibilityIsAnEventAndRefusesUnlessTolerated) {
  holder.device.backup_eligible = true;
  EXPECT_EQ(why(holder.prove()), Code::kWrongResponse);
  EXPECT_EQ(reason_of(fixture), "backup_eligibility_changed");
  EXPECT_EQ(times(fixture, "factor.backup_changed"), 1);
  passkeys(fixture).strict_counter = false;
  EXPECT_EQ(why(holder.prove()), kYes);
}

// Whether it is on another device now may change at any time: a person switches on her backup.
TEST_F(PasskeyCheck, AChangedBackupStateIsNoReasonToRefuse) {
  KeyHolder synced(fixture);
  synced.identity = "organizer-43";
  synced.device.backup_eligible = true;
  synced.bind();
  fixture.request().identity = synced.identity;
  for (const bool backed_up : {true, false}) {
    fixture.hold();
    synced.device.backed_up = backed_up;
    EXPECT_EQ(why(synced.prove()), kYes);
    const auto views = fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::list_factors({tx, fixture.context(), fixture.caller(), moment}, synced.identity);
    });
    EXPECT_EQ(views.at(0).passkey->backed_up, backed_up);
  }
}

// [THR-5]
TEST_F(PasskeyCheck, FailuresAreThrottledBySourceAndNeverDisableTheKey) {
  fixture.limits().checks_per_ip = {3, minutes(10)};
  fixture.caller().end_user = IpAddress::parse("192.0.2.7");
  SoftwareAuthenticator forged = holder.device;
  forged.wrong_signature = true;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(why(holder.answer(forged.get(holder.options()))), Code::kWrongResponse);
  EXPECT_EQ(why(holder.answer(forged.get(holder.options()))), Code::kRateLimited);
  EXPECT_EQ(why(holder.prove()), kYes) << "hers, from behind the same address";
}

TEST_F(PasskeyCheck, APolicyMayNotAcceptIt) {
  fixture.policy("any").any_of = {domain::Method::kSms};
  fixture.hold();
  EXPECT_EQ(why(holder.ask()), Code::kMethodNotAllowed);
}

TEST_F(PasskeyCheck, ASuspectedKeyDoesNotCount) {
  const auto suspected = fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::suspect_factor({tx, fixture.context(), fixture.caller(), moment}, kIdentity, holder.factor);
  });
  ASSERT_EQ(why(suspected), kYes);
  fixture.hold();
  EXPECT_EQ(why(holder.ask()), Code::kSourceDoesNotCount);
}

// A hosted page that is none of the party's origins asks for no passkey: it offers another way, or says that there is
// none.
TEST_F(PasskeyCheck, ThePageOffersAnotherWayOrSaysThatThereIsNone) {
  passkeys(fixture).on_page = false;
  const auto view = [&] {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      const auto row = *store::find_transaction(tx, fixture.account(), fixture.current());
      return usecase::view_for_person(tx, fixture.context(), row, moment.now);
    });
  };
  EXPECT_TRUE(view().reachable);
  for (const auto& way : view().ways) EXPECT_NE(way.method, domain::Method::kWebauthn);
  fixture.policy("any").any_of = {domain::Method::kWebauthn};
  fixture.hold();
  EXPECT_FALSE(view().reachable);
  EXPECT_TRUE(view().ways.empty());
}

// Two kinds with a line.
TEST_F(PasskeyCheck, IsAKindBesideTheLine) {
  fixture.hold("strict");
  EXPECT_EQ(holder.prove()->status, TransactionStatus::kHeld);
  ASSERT_EQ(why(fixture.start()), kYes);
  EXPECT_EQ(fixture.check(fixture.code())->status, TransactionStatus::kVerified);
}

// [AMR-1, BND-7]
TEST_F(PasskeyCheck, TheReceiptHasAllThatIsNeededToCheckTheSignature) {
  ASSERT_EQ(why(holder.prove()), kYes);
  const auto claims = json_of(fixture.claim()->receipt_claims);
  std::set<std::string> amr;
  for (const auto& value : claims.at("amr").as_array()) amr.insert(std::string(value.get_string()));
  EXPECT_EQ(amr, (std::set<std::string>{"hwk", "mfa", "user"}));
  const auto& proof = claims.at("proofs").as_array().at(0).as_object();
  const auto& passkey = proof.at("passkey").as_object();
  EXPECT_EQ(json_text(passkey, "rp_id"), "verify.example.com");
  for (const char* name : {"challenge_salt", "client_data", "authenticator_data", "signature"})
    EXPECT_TRUE(from_base64url(json_text_or_empty(passkey, name))) << name;
  const auto& key = passkey.at("public_key").as_object();
  EXPECT_EQ(json_text(key, "kty"), "EC");
  EXPECT_EQ(json_text(key, "alg"), "ES256");
  EXPECT_EQ(passkey.at("user_verified"), true);
  EXPECT_EQ(passkey.at("backup_eligible"), false);
  const auto again = json_of(fixture.claim()->receipt_claims);
  EXPECT_EQ(again, claims);
}

TEST_F(PasskeyCheck, AReceiptOfASyncedKeyThatSawNobodySaysSo) {
  KeyHolder synced(fixture);
  synced.identity = "organizer-43";
  synced.device.backup_eligible = synced.device.backed_up = true;
  synced.device.user_verified = false;
  synced.bind();
  fixture.request().identity = synced.identity;
  fixture.hold();
  ASSERT_EQ(why(synced.prove()), kYes);
  const auto claims = json_of(fixture.claim()->receipt_claims);
  EXPECT_EQ(claims.at("amr"), (json::array{"swk", "user"}));
}

// docs/performance.md names these numbers. What an answer is judged by is read on a snapshot, beside the writer.
TEST_F(PasskeyCheck, AsksTheDatabaseLittle) {
  Asked asked;
  const auto& context = fixture.context();
  const auto& caller = fixture.caller();
  const TransactionId id = fixture.current();
  const auto challenge = counted(fixture, asked, [&](store::Tx& tx, Moment& moment) {
    return usecase::challenge_passkey({tx, context, caller, moment}, id);
  });
  expect_asked("challenge", asked, 4, 2, 2);
  holder.device.counts = true;
  const auto answer = holder.device.get(challenge->options);
  const auto response = webauthn::read_authentication_response(answer);
  const auto judged = holder.judge(answer);
  static_cast<void>(counted(fixture, asked, [&](store::Tx& tx, Moment& moment) {
    return usecase::check_passkey({tx, context, caller, moment}, id, judged, response);
  }));
  expect_asked("check", asked, 6, 2, 4);
}

TEST(ParsedKeys, KeepsTheKeysThatWereUsedLast) {
  Fixture fixture;
  offer_passkeys(fixture);
  std::vector<std::string> keys;
  for (int i = 0; i < 3; ++i) {
    KeyHolder holder(fixture);
    holder.identity = "organizer-" + std::to_string(i);
    holder.bind();
    const auto row = *fixture.in([&](store::Tx& tx, Moment&) {
      const auto subject = store::find_subject(tx, fixture.context().vault, fixture.account(), holder.identity);
      return store::find_factor(tx, fixture.account(), *subject, holder.factor);
    });
    keys.push_back(usecase::passkey_record_of(fixture.context().vault, row)->public_key);
  }
  usecase::ParsedKeys parsed(2);
  for (const auto& key : keys) ASSERT_TRUE(parsed.get(key));
  EXPECT_EQ(parsed.size(), 2U);
  EXPECT_EQ(parsed.get(keys[2])->native(), parsed.get(keys[2])->native()) << "not parsed again";
  const auto* first = parsed.get(keys[0])->native();
  EXPECT_EQ(parsed.get(keys[0])->native(), first);
  EXPECT_FALSE(parsed.get("no key"));
  EXPECT_EQ(parsed.size(), 2U);
}

}  // namespace
}  // namespace countersign::testing
