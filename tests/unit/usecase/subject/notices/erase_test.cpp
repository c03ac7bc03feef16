#include "usecase/subject/erase.h"

#include "post.h"
#include "store/repository/accounts.h"
#include "store/repository/erasures.h"
#include "store/repository/retention.h"
#include "usecase/subject/objections.h"

// Erasure tells everybody, acts after 72 hours, can be objected to, and leaves a tombstone. [STD-14]

namespace countersign::testing {
namespace {

using domain::standing::Counted;

const store::Sql kReturnAddresses{
    "SELECT count(*) FROM transactions WHERE return_url <> '' OR return_url_sealed IS NOT NULL"};

Answer<domain::Erasure> ask(Fixture& fixture) {
  return fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::ask_for_erasure({tx, fixture.context(), fixture.caller(), moment}, kIdentity);
  });
}

int erase(Fixture& fixture) {
  return fixture.in(
      [&](store::Tx& tx, Moment& moment) { return usecase::erase_due(tx, fixture.context(), 10, moment); });
}

SubjectId her(Fixture& fixture, store::Tx& tx) {
  return *store::find_subject(tx, fixture.context().vault, fixture.account(), kIdentity);
}
SubjectId her(Fixture& fixture) {
  return fixture.in([&](store::Tx& tx, Moment&) { return her(fixture, tx); });
}

void erase_now(Fixture& fixture) {
  ASSERT_EQ(why(ask(fixture)), kYes);
  post_all(fixture);
  fixture.wait(hours(72));
  fixture.expire();  // As the courier does all the time.
  ASSERT_EQ(erase(fixture), 1);
}

TEST(Erasure, TellsEveryContactAndActsAfter72Hours) {
  Fixture fixture;
  fixture.request().contacts.push_back({Channel::kEmail, std::string(kEmail)});
  known_person(fixture);
  const auto asked = ask(fixture);
  ASSERT_EQ(why(asked), kYes);
  EXPECT_EQ(asked->acts_at, fixture.now() + hours(72));
  const auto due = post_all(fixture);
  EXPECT_EQ(recipients(due), (std::vector<std::string>{std::string(kPhone), std::string(kEmail)}));
  EXPECT_NE(due.at(0).message.body.find("erase"), std::string::npos);
  EXPECT_EQ(ask(fixture)->acts_at, asked->acts_at);  // Asked again, it is the same.
  EXPECT_TRUE(due_notices(fixture).empty());
  fixture.wait(hours(72) - kTick);
  EXPECT_EQ(erase(fixture), 0);
  EXPECT_TRUE(fixture.counts(Channel::kSms, kPhone).own());
  fixture.wait(kTick);
  EXPECT_EQ(erase(fixture), 1);
  EXPECT_EQ(erase(fixture), 0);
}

TEST(Erasure, WhoeverWasToldStopsIt) {
  Fixture fixture;
  known_person(fixture);
  ASSERT_EQ(why(ask(fixture)), kYes);
  const usecase::SubjectAt at{std::string(kIdentity), ""};
  const auto phone = fixture.history().bindings.front().id;
  const auto start = [&] {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::start_objection({tx, fixture.context(), fixture.caller(), moment}, at, {phone, std::nullopt});
    });
  };
  EXPECT_EQ(why(start()), Code::kNotTold);
  post_all(fixture);
  const auto started = start();
  ASSERT_EQ(why(started), kYes);
  const std::string code(post_all(fixture).at(0).message.code.expose());
  const auto confirmed = fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::confirm_objection({tx, fixture.context(), fixture.caller(), moment}, at, started->id,
                                      SecretString(code));
  });
  ASSERT_EQ(why(confirmed), kYes);
  fixture.wait(hours(73));
  EXPECT_EQ(erase(fixture), 0);
  EXPECT_TRUE(fixture.counts(Channel::kSms, kPhone).own());
  EXPECT_EQ(count_events(fixture, "subject.erasure_stopped"), 1);
}

TEST(Erasure, IsNotBegunWhileAFloodOfChangesKeepsItsNoticeBack) {
  Fixture fixture;
  known_person(fixture);
  for (int i = 0; i < 12; ++i)
    ASSERT_EQ(why(fixture.add_contact(Channel::kSms, "+55119812345" + std::to_string(10 + i))), kYes);
  fixture.wait(seconds(1));
  ASSERT_EQ(post_all(fixture).size(), 10U);  // As many as a day has; she is told of no more.
  const auto refused = ask(fixture);
  ASSERT_EQ(why(refused), Code::kRateLimited);
  EXPECT_EQ(count_rows(fixture, store::Sql{"SELECT count(*) FROM erasures"}), 0);
  fixture.wait(*refused.error().retry_after);
  ASSERT_EQ(why(ask(fixture)), kYes);
  const auto due = post_all(fixture);  // And one of the changes that were kept back.
  EXPECT_EQ(recipients(due), std::vector<std::string>(2, std::string(kPhone)));
  EXPECT_EQ(std::ranges::count_if(due, [](const auto& n) { return n.message.body.contains("erase"); }), 1);
}

TEST(Erasure, ACodeToObjectWithTellsNobodyOfIt) {
  Fixture fixture;
  known_person(fixture);
  ASSERT_EQ(why(fixture.enrol()), kYes);
  ASSERT_EQ(why(fixture.confirm()), kYes);
  fixture.wait(seconds(1));
  ASSERT_EQ(post_all(fixture).size(), 1U);
  const auto bindings = fixture.history().bindings;
  const usecase::SubjectAt at{std::string(kIdentity), ""};
  const auto start = [&](std::optional<BindingId> about) {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::start_objection({tx, fixture.context(), fixture.caller(), moment}, at,
                                      {bindings.at(0).id, about});
    });
  };
  ASSERT_EQ(why(ask(fixture)), kYes);
  const auto notices = due_notices(fixture);  // Under way, and accepted by nobody yet.
  ASSERT_EQ(notices.size(), 1U);
  ASSERT_EQ(why(start(bindings.at(1).id)), kYes);
  ASSERT_EQ(post_all(fixture).size(), 1U);
  EXPECT_EQ(why(start(std::nullopt)), Code::kNotTold);
  EXPECT_EQ(count_events(fixture, "notice.accepted"), 1);  // Of the app, before.
}

TEST(Erasure, CancelsWhatIsOpenAndKeepsWhatWasReleasedAsHashes) {
  Fixture fixture;
  known_person(fixture);
  fixture.hold();
  const auto open = fixture.current();
  ASSERT_EQ(why(ask(fixture)), kYes);
  fixture.wait(hours(72));
  fixture.hold();  // Meanwhile another one.
  ASSERT_EQ(erase(fixture), 1);
  EXPECT_EQ(fixture.status(), TransactionStatus::kCanceled);
  EXPECT_FALSE(fixture.has_payload());
  EXPECT_FALSE(fixture.row().display_hash.empty());
  fixture.use(open);
  EXPECT_NE(fixture.status(), TransactionStatus::kHeld);
}

TEST(Erasure, LeavesNoAddressNoSecretNoName) {
  Fixture fixture;
  fixture.request().contacts.push_back({Channel::kEmail, std::string(kEmail)});
  fixture.request().return_url = "https://shop.example/orders/of-ana-lima";
  fixture.request().metadata = R"({"note":"Ana Lima"})";
  known_person(fixture);
  ASSERT_GE(count_rows(fixture, kReturnAddresses), 1);
  fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  ASSERT_EQ(why(fixture.check(fixture.wrong_code())), Code::kWrongCode);
  ASSERT_EQ(why(fixture.enrol()), kYes);
  ASSERT_EQ(why(fixture.confirm()), kYes);
  ASSERT_EQ(why(delete_contact(fixture, fixture.verification().state.contact, domain::standing::GoneWhy::kLost)), kYes);
  erase_now(fixture);
  for (const auto& [what, sql] : std::initializer_list<std::pair<const char*, const char*>>{
           {"contacts", "SELECT count(*) FROM contacts"},
           {"addresses", "SELECT count(*) FROM addresses WHERE length(address_sealed) > 0"},
           {"factors", "SELECT count(*) FROM factors"},
           {"notices", "SELECT count(*) FROM notices"},
           {"metadata", "SELECT count(*) FROM transactions WHERE metadata_sealed IS NOT NULL"}}) {
    EXPECT_EQ(count_rows(fixture, store::Sql{sql}), 0) << what;
  }
  EXPECT_EQ(count_rows(fixture, kReturnAddresses), 0);
  const SubjectId subject = her(fixture);
  const auto identity = fixture.in([&](store::Tx& tx, Moment&) {
    return store::subject_identity(tx, fixture.context().vault, fixture.account(), subject);
  });
  EXPECT_EQ(identity, "");
}

TEST(Erasure, WithTheKeysInHandNothingOfThePersonIsFound) {
  Fixture fixture;
  fixture.request().contacts.push_back({Channel::kEmail, std::string(kEmail)});
  fixture.request().metadata = R"({"note":"Ana Lima"})";
  known_person(fixture);
  const SubjectId subject = her(fixture);
  erase_now(fixture);
  static const store::Sql kTransactions{"SELECT id, display_sealed FROM transactions"};
  static const store::Sql kSubjects{"SELECT id, identity_sealed FROM subjects"};
  static const store::Sql kHistories{"SELECT content FROM standings"};
  std::string everything;
  fixture.in([&](store::Tx& tx, Moment&) {
    const auto& vault = fixture.context().vault;
    tx.all(kTransactions, {}, [&](const store::Row& row) {
      everything += vault.open(row.blob(1), "transactions", row.id<TransactionId>(0).bytes(), "display").expose();
    });
    tx.all(kSubjects, {}, [&](const store::Row& row) {
      everything += vault.open(row.blob(1), "subjects", row.id<SubjectId>(0).bytes(), "identity").expose();
    });
    tx.all(kHistories, {}, [&](const store::Row& row) { everything += row.string(0); });
    return Done{};
  });
  EXPECT_NE(everything.find(R"("title":"-")"), std::string::npos) << everything;
  for (const std::string_view hers :
       {kIdentity, kPhone, kEmail, std::string_view("Samba"), std::string_view("repasse"), std::string_view("Lima")})
    EXPECT_EQ(everything.find(hers), std::string::npos) << hers;
  EXPECT_TRUE(her(fixture) == subject);
}

TEST(Erasure, SparesAnAddressThatSomebodyElseHas) {
  Fixture fixture;
  known_person(fixture);
  ASSERT_EQ(why(fixture.add_contact(Channel::kSms, kPhone, "organizer-43")), kYes);
  erase_now(fixture);
  EXPECT_EQ(count_rows(fixture, store::Sql{"SELECT count(*) FROM addresses"}), 1);
  EXPECT_EQ(fixture.counts(Channel::kSms, kPhone, "organizer-43").counted, Counted::kFounding);
}

TEST(Erasure, OfAnotherWithHerNumberLeavesHerTheNoticesToHerRemovedPhone) {
  Fixture fixture;
  known_person(fixture);
  const auto phone = fixture.verification().state.contact;
  fixture.request().identity = "stranger";
  fixture.hold();
  ASSERT_EQ(why(fixture.in([&](store::Tx& tx, Moment& moment) {
              return usecase::ask_for_erasure({tx, fixture.context(), fixture.caller(), moment}, "stranger");
            })),
            kYes);
  fixture.wait(hours(71));
  ASSERT_EQ(why(delete_contact(fixture, phone, domain::standing::GoneWhy::kLost)), kYes);
  post_all(fixture);
  fixture.wait(hours(1));
  fixture.expire();
  ASSERT_EQ(erase(fixture), 1);
  ASSERT_EQ(why(fixture.add_contact(Channel::kSms, kOtherPhone)), kYes);
  EXPECT_EQ(recipients(post_all(fixture)), std::vector<std::string>{std::string(kPhone)});
  // Not longer than she is told there.
  fixture.wait(hours(24 * 32));
  fixture.in([&](store::Tx& tx, Moment& moment) {
    static_cast<void>(store::purge(tx, fixture.account(), {}, moment.now, 100));
    return Done{};
  });
  EXPECT_EQ(count_rows(fixture, store::Sql{"SELECT count(*) FROM addresses WHERE length(address_sealed) > 0"}), 1);
}

TEST(Erasure, TheSameIdentityFoundsNothingAnyMore) {
  Fixture fixture;
  known_person(fixture);
  const auto before = her(fixture);
  erase_now(fixture);
  fixture.wait(hours(1));
  fixture.hold();
  EXPECT_EQ(her(fixture), before);
  EXPECT_FALSE(fixture.counts(Channel::kSms, kPhone).any());
  const auto identity = fixture.in([&](store::Tx& tx, Moment&) {
    return store::subject_identity(tx, fixture.context().vault, fixture.account(), before);
  });
  EXPECT_EQ(identity, kIdentity);  // It is written down again, for webhooks and pages.
}

TEST(Erasure, TheTombstoneClosesFoundingAtAServiceThatCameLater) {
  Fixture fixture;
  known_person(fixture);
  erase_now(fixture);
  auto& services = fixture.settings().accounts.at(fixture.account()).services;
  auto later = services.front();
  later.name = "later";
  later.id =
      fixture.in([&](store::Tx& tx, Moment& m) { return store::ensure_service(tx, fixture.account(), "later", m); });
  services.push_back(later);
  const auto given = fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::add_contact({tx, fixture.context(), fixture.caller(), moment}, {std::string(kIdentity), "later"},
                                {Channel::kSms, std::string(kOtherPhone)}, {});
  });
  ASSERT_EQ(why(given), kYes);
  EXPECT_EQ(given->counts.counted, Counted::kNot);
}

TEST(Erasure, ThatIsAskedForAgainAndStoppedKeepsTheTombstone) {
  Fixture fixture;
  known_person(fixture);
  erase_now(fixture);
  fixture.hold();  // The same person came again.
  ASSERT_EQ(why(ask(fixture)), kYes);
  ASSERT_EQ(why(fixture.in([&](store::Tx& tx, Moment& moment) {
              return usecase::stop_erasure({tx, fixture.context(), fixture.caller(), moment}, her(fixture, tx),
                                           "application");
            })),
            kYes);
  auto& services = fixture.settings().accounts.at(fixture.account()).services;
  auto later = services.front();
  later.name = "later";
  later.id =
      fixture.in([&](store::Tx& tx, Moment& m) { return store::ensure_service(tx, fixture.account(), "later", m); });
  services.push_back(later);
  fixture.request().service = "later";
  fixture.request().contacts = {{Channel::kSms, std::string(kOtherPhone)}};
  fixture.hold();
  EXPECT_EQ(why(fixture.start()), Code::kSourceDoesNotCount);
}

TEST(Erasure, IsAnnounced) {
  Fixture fixture;
  known_person(fixture);
  ASSERT_EQ(why(fixture.add_endpoint()), kYes);
  const auto announced = [&] {
    const auto due = fixture.due_deliveries();
    EXPECT_EQ(due.size(), 1U);
    for (const auto& job : due) fixture.finish(job, delivery::WebhookVerdict::kDelivered, 204);
    return due.empty() ? std::string() : due[0].attempt.body;
  };
  const std::string subject = her(fixture).text();
  ASSERT_EQ(why(ask(fixture)), kYes);
  std::string body = announced();
  EXPECT_NE(body.find(R"("type":"subject.erasure_asked")"), std::string::npos) << body;
  EXPECT_NE(body.find(R"("identity":")" + std::string(kIdentity)), std::string::npos) << body;
  EXPECT_NE(body.find(R"("erases_at":")" + to_rfc3339(fixture.now() + hours(72))), std::string::npos) << body;
  ASSERT_EQ(why(fixture.in([&](store::Tx& tx, Moment& moment) {
              return usecase::stop_erasure({tx, fixture.context(), fixture.caller(), moment}, her(fixture, tx),
                                           "application");
            })),
            kYes);
  body = announced();
  EXPECT_NE(body.find(R"("type":"subject.erasure_stopped")"), std::string::npos) << body;
  EXPECT_NE(body.find(R"("by":"application")"), std::string::npos) << body;
  erase_now(fixture);
  const auto due = fixture.due_deliveries();
  const auto erased = std::ranges::find(due, "subject.erased", [](const auto& job) { return job.row.event_type; });
  ASSERT_NE(erased, due.end());
  body = erased->attempt.body;
  EXPECT_NE(body.find(R"("subject":")" + subject), std::string::npos) << body;
  EXPECT_NE(body.find(R"("identity":null)"), std::string::npos) << body;
}

TEST(Erasure, TheTombstoneGoesWithTheTransactions) {
  Fixture fixture;
  known_person(fixture);
  erase_now(fixture);
  const auto purge = [&] {
    return fixture.in(
        [&](store::Tx& tx, Moment&) { return store::purge(tx, fixture.account(), {}, fixture.now(), 100); });
  };
  while (purge() > 0) {
  }
  EXPECT_EQ(count_rows(fixture, store::Sql{"SELECT count(*) FROM subjects"}), 1);
  fixture.wait(hours(24 * 181));
  while (purge() > 0) {
  }
  EXPECT_EQ(count_rows(fixture, store::Sql{"SELECT count(*) FROM subjects"}), 0);
  EXPECT_EQ(count_rows(fixture, store::Sql{"SELECT count(*) FROM erasures"}), 0);
  EXPECT_EQ(fixture.count("standings"), 0);
}

TEST(Erasure, OfNobodyIsNotFound) {
  Fixture fixture;
  EXPECT_EQ(why(ask(fixture)), Code::kNotFound);
  known_person(fixture);
  erase_now(fixture);
  EXPECT_EQ(why(ask(fixture)), Code::kNotFound);
}

}  // namespace
}  // namespace countersign::testing
