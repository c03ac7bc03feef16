#include "base/encoding.h"
#include "store/migrations/migrations.h"
#include "store/repository/standings.h"
#include "tests/unit/usecase/script.h"
#include "usecase/subject/known_before.h"
#include "usecase/subject/standing.h"
#include "usecase/subject/upgrade_report.h"

// A database from before sources had a history. Its rows become bindings as of their own times, when they are first
// asked for.
namespace countersign::testing {
namespace {

using domain::standing::Counted;
using domain::standing::WhyNot;

Id numbered(std::uint8_t number) {
  Id id;
  id.raw.back() = number;
  return id;
}

constexpr WallTime kThen = WallTime(Duration(1'763'000'000'000'000));

/// As the version before wrote them: a database of its schema, with rows that its statements wrote.
std::unique_ptr<store::Store> old_database() {
  auto store = new_test_store();
  CS_CHECK(store::migrate(*store, store::all_migrations().first(2), kThen).has_value());
  const auto written = store->transact_now([](store::Tx& tx) {
    static const store::Sql kAccount{"INSERT INTO accounts (id, name, created_at) VALUES (?1, 'default', ?2)"};
    static const store::Sql kContact{
        "INSERT INTO contacts (account_id, id, subject_id, address_id, channel, address_sealed, known_since,"
        " replaced_another, proved_at, sends_start, sends_count, failures, disabled, subject_sends_start,"
        " subject_sends_count) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, 0, 0, 0, 0, 0)"};
    static const store::Sql kFactor{
        "INSERT INTO factors (account_id, id, subject_id, type, status, name, algorithm, digits, period_seconds,"
        " drift_steps, failures, disabled, created_at, confirm_by, confirmed_at, removed_at, added_to_another)"
        " VALUES (?1, ?2, ?3, 'totp', ?4, '', 'SHA1', 6, 30, 0, 0, 0, ?5, ?5, ?5, ?6, 0)"};
    const AccountId account{numbered(1)};
    const SubjectId subject{numbered(2)};
    const store::Blob sealed{"unread"};
    tx.exec(kAccount, {account, kThen});
    const auto contact = [&](std::uint8_t id, std::uint8_t address, std::string_view channel, WallTime known_since,
                             std::optional<WallTime> proved_at) {
      tx.exec(kContact,
              {account, numbered(id), subject, numbered(address), channel, sealed, known_since, 0, proved_at});
    };
    contact(10, 20, "sms", kThen, kThen + hours(1));
    contact(11, 20, "whatsapp", kThen + hours(24 * 9), std::nullopt);  // The same line.
    contact(12, 21, "sms", kThen + hours(24 * 5), std::nullopt);
    const auto factor = [&](std::uint8_t id, std::string_view status, WallTime at, std::optional<WallTime> removed_at) {
      tx.exec(kFactor, {account, numbered(id), subject, status, at, removed_at});
    };
    factor(30, "active", kThen + minutes(5), std::nullopt);
    factor(31, "removed", kThen + minutes(6), kThen + hours(3));
    factor(32, "active", kThen + hours(24 * 10), std::nullopt);
    return Done{};
  });
  CS_CHECK(written.has_value());
  return store;
}

domain::standing::History derived(Fixture& fixture) {
  return fixture.in([&](store::Tx& tx, Moment&) {
    return usecase::load_history(tx, fixture.context(), fixture.account(), {numbered(2)}, fixture.service());
  });
}

TEST(Upgrade, LivingRowsBecomeBindingsAsOfTheirOwnTimes) {
  Fixture fixture(old_database());
  ASSERT_EQ(fixture.account().id, numbered(1));
  const auto history = derived(fixture);
  ASSERT_EQ(history.bindings.size(), 5U);  // Two lines, three apps.
  EXPECT_EQ(history.first_proof_at, kThen + hours(1));
  const WallTime held_at = kThen + hours(24 * 11);
  const auto counts = [&](std::uint8_t source) {
    return domain::standing::counts(history, numbered(source), held_at, held_at);
  };
  EXPECT_EQ(counts(20).counted, Counted::kFounding);  // Of the earliest time, whatever the channel.
  EXPECT_EQ(binding_of(history, numbered(20))->bound_at, kThen);
  EXPECT_EQ(binding_of(history, numbered(20))->proved_at, kThen + hours(1));
  EXPECT_EQ(counts(21).counted, Counted::kWaited);  // Older than the wait.
  EXPECT_EQ(counts(21).since, kThen + hours(24 * 5 + 72));
  EXPECT_EQ(counts(30).counted, Counted::kFounding);
  EXPECT_EQ(counts(31).why_not, WhyNot::kGone);
  EXPECT_EQ(counts(32).why_not, WhyNot::kWaits);  // Of yesterday.
  EXPECT_EQ(counts(32).counts_from, kThen + hours(24 * 10 + 72));
}

TEST(Upgrade, IsTheSameEachTimeAndKeptByTheFirstWrite) {
  Fixture fixture(old_database());
  const auto first = derived(fixture);
  EXPECT_EQ(derived(fixture), first);
  EXPECT_EQ(fixture.count("standings"), 0);
  fixture.in([&](store::Tx& tx, Moment& moment) {
    auto history = first;
    auto change = domain::standing::end(history, numbered(21), domain::standing::GoneWhy::kLost, {}, moment.now);
    usecase::settle({tx, fixture.context(), fixture.caller(), moment}, history, *std::move(change));
    return Done{};
  });
  EXPECT_EQ(fixture.count("standings"), 1);
  EXPECT_TRUE(binding_of(derived(fixture), numbered(21))->gone);
}

// Before the schema is changed, and after it the same.
TEST(Upgrade, SaysWhoWouldLoseWhatAndWhy) {
  auto store = old_database();
  ASSERT_TRUE(store->transact_now([](store::Tx& tx) {
    static const store::Sql kHeld{
        "INSERT INTO transactions (account_id, id, service_id, subject_id, type, status, policy, proofs, locale,"
        " display_sealed, display_hash, payload_hash, binding_hash, token_digest, return_url, created_at, expires_at)"
        " VALUES (?1, ?2, ?2, ?3, 'payout', 'released', '', '', 'en', ?4, ?4, ?4, ?4, ?4, '', 1, 1)"};
    tx.exec(kHeld, {numbered(1), numbered(40), numbered(2), store::Blob{"x"}});
    return Done{};
  }));
  const WallTime now = kThen + hours(24 * 11);
  const auto report = [&] {
    const auto read = store->read_now([&](store::Tx& tx) { return usecase::report_upgrade(tx, {}, now); });
    return read ? *read : usecase::UpgradeReport{};
  };
  for (const bool upgraded : {false, true}) {
    if (upgraded) {
      ASSERT_TRUE(store::migrate(*store, store::all_migrations(), now));
    }
    const auto said = report();
    EXPECT_EQ(said.subjects, 1);
    EXPECT_EQ(said.losing, 1);
    EXPECT_EQ(said.without_any, 0);
    EXPECT_EQ(said.until, kThen + hours(24 * 10 + 72));
    EXPECT_EQ(said.why, (std::map<std::string, std::int64_t>{{"authenticator: waits", 1}}));
  }
}

/// Makes what this version wrote look as the one before would have left it.
void age(Fixture& fixture) {
  const auto contact = fixture.verification().state.contact;
  fixture.in([&](store::Tx& tx, Moment&) {
    static const store::Sql kForget{"DELETE FROM standings"};
    static const store::Sql kContacts{"UPDATE contacts SET service_id = NULL"};
    static const store::Sql kProofs{"UPDATE transactions SET proofs = ?1 WHERE proofs <> ''"};
    tx.exec(kForget, {});
    tx.exec(kContacts, {});
    const std::string proof =
        "sms " + to_hex(contact.bytes()) + " " + std::to_string(to_micros(fixture.now())) + " established\n";
    tx.exec(kProofs, {proof});
    return Done{};
  });
}

TEST(Upgrade, WhatWasApprovedBeforeItIsClaimedAfterIt) {
  Fixture fixture;
  verify(fixture);
  age(fixture);
  const auto claim = fixture.claim();
  ASSERT_EQ(why(claim), kYes);
  EXPECT_NE(claim->receipt_claims.find(R"("counted":"founding")"), std::string::npos) << claim->receipt_claims;
  EXPECT_EQ(fixture.claim()->receipt_claims, claim->receipt_claims);
}

/// As the version before wrote down who had claimed: by the Idempotency-Key alone, whatever the API key.
void age_claim(Fixture& fixture, std::string_view name) {
  age(fixture);
  fixture.in([&](store::Tx& tx, Moment&) {
    static const store::Sql kClaimer{"UPDATE transactions SET claimer_digest = ?1 WHERE claimed_at IS NOT NULL"};
    tx.exec(kClaimer, {store::Blob{fixture.context().vault.digester().token_digest("claimer", name)}});
    return Done{};
  });
}

TEST(Upgrade, TheWinnerOfBeforeGetsTheSameAnswerAfterIt) {
  Fixture fixture;
  verify(fixture);
  ASSERT_EQ(why(fixture.claim("worker-1")), kYes);
  age_claim(fixture, "key worker-1");
  EXPECT_EQ(why(fixture.claim("worker-2")), Code::kAlreadyClaimed);
  EXPECT_EQ(why(fixture.claim("")), Code::kAlreadyClaimed);
  const auto again = fixture.claim("worker-1");
  ASSERT_EQ(why(again), kYes);
  EXPECT_EQ(again->payload.expose(), kPayload);
  // What was signed then knew of no standing; a copy must not say that its source did not count.
  EXPECT_EQ(again->receipt_claims.find("counted"), std::string::npos) << again->receipt_claims;
  EXPECT_EQ(why(fixture.ack(again->fencing_token)), kYes);
}

TEST(Upgrade, AWinnerOfBeforeWithoutANameIsKnownByItsApiKey) {
  Fixture fixture;
  fixture.caller().actor = "api:SK1";
  verify(fixture);
  ASSERT_EQ(why(fixture.claim("")), kYes);
  age_claim(fixture, "caller api:SK1");
  EXPECT_EQ(why(fixture.claim("")), kYes);
  fixture.caller().actor = "api:SK2";
  EXPECT_EQ(why(fixture.claim("")), Code::kAlreadyClaimed);
}

// No name that a caller may choose makes it somebody else.
TEST(Upgrade, AClaimerOfNowIsNotKnownByTheNameAlone) {
  Fixture fixture;
  fixture.caller().actor = "api:SK1";
  verify(fixture);
  ASSERT_EQ(why(fixture.claim("worker-1")), kYes);
  fixture.caller().actor = "api:SK2";
  for (const std::string_view name : {"worker-1", "api:SK1 worker-1", "api:SK1\nworker-1", "key worker-1"}) {
    EXPECT_EQ(why(fixture.claim(name)), Code::kAlreadyClaimed) << name;
  }
}

TEST(Upgrade, WhatWasApprovedBeforeItAndLostAfterItIsNot) {
  Fixture fixture;
  verify(fixture);
  age(fixture);
  const auto contacts = fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::list_contacts({tx, fixture.context(), fixture.caller(), moment}, {std::string(kIdentity)});
  });
  ASSERT_EQ(contacts->size(), 1U);
  ASSERT_EQ(why(fixture.in([&](store::Tx& tx, Moment& moment) {
              return usecase::delete_contact({tx, fixture.context(), fixture.caller(), moment},
                                             {std::string(kIdentity)}, contacts->front().id,
                                             domain::standing::GoneWhy::kLost);
            })),
            kYes);
  EXPECT_EQ(why(fixture.claim()), Code::kProofVoided);
}

TEST(Upgrade, AKnownPersonsNewNumberWaitsThereToo) {
  Fixture fixture;
  verify(fixture);
  age(fixture);
  fixture.wait(hours(24 * 30));
  fixture.request().contacts = {{Channel::kSms, std::string(kOtherPhone)}};
  fixture.hold();
  EXPECT_EQ(fixture.counts(Channel::kSms, kPhone).counted, Counted::kFounding);
  EXPECT_EQ(fixture.counts(Channel::kSms, kOtherPhone).why_not, WhyNot::kNotTold);
}

// What another service was given since is its own. [STD-12]
TEST(Upgrade, IsOnlyOfWhatWasThereBefore) {
  Fixture fixture;
  fixture.hold();
  fixture.request().service = "upstream";
  fixture.request().contacts.clear();
  fixture.hold();
  EXPECT_EQ(why(fixture.start()), Code::kSourceDoesNotCount);
}

}  // namespace
}  // namespace countersign::testing
