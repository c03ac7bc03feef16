#include "usecase/erase.h"

#include "post.h"
#include "store/repository/accounts.h"
#include "store/repository/erasures.h"
#include "store/repository/retention.h"
#include "usecase/objections.h"

// Erasure tells everybody, acts after 72 hours, can be objected to, and leaves a tombstone. [STD-14]

namespace countersign::testing {
namespace {

using domain::standing::Counted;

const store::Sql kReturnAddresses{
    "SELECT count(*) FROM transactions WHERE return_url <> '' OR return_url_sealed IS NOT NULL"};

Answer<usecase::ErasureView> ask(House& house) {
  return house.in([&](store::Tx& tx, Moment& moment) {
    return usecase::ask_for_erasure(tx, house.context(), house.caller(), kIdentity, moment);
  });
}

int erase(House& house) {
  return house.in([&](store::Tx& tx, Moment& moment) { return usecase::erase_due(tx, house.context(), 10, moment); });
}

SubjectId her(House& house, store::Tx& tx) {
  return *store::find_subject(tx, house.context().vault, house.account(), kIdentity);
}
SubjectId her(House& house) {
  return house.in([&](store::Tx& tx, Moment&) { return her(house, tx); });
}

void erase_now(House& house) {
  ASSERT_EQ(why(ask(house)), kYes);
  post_all(house);
  house.wait(hours(72));
  house.expire();  // As the courier does all the time.
  ASSERT_EQ(erase(house), 1);
}

TEST(Erasure, TellsEveryContactAndActsAfter72Hours) {
  House house;
  house.request().contacts.push_back({Channel::kEmail, std::string(kEmail)});
  known_person(house);
  const auto asked = ask(house);
  ASSERT_EQ(why(asked), kYes);
  EXPECT_EQ(asked->acts_at, house.now() + hours(72));
  const auto due = post_all(house);
  EXPECT_EQ(recipients(due), (std::vector<std::string>{std::string(kPhone), std::string(kEmail)}));
  EXPECT_NE(due.at(0).message.body.find("erase"), std::string::npos);
  EXPECT_EQ(ask(house)->acts_at, asked->acts_at);  // Asked again, it is the same.
  EXPECT_TRUE(due_notices(house).empty());
  house.wait(hours(72) - kTick);
  EXPECT_EQ(erase(house), 0);
  EXPECT_TRUE(house.counts(Channel::kSms, kPhone).own());
  house.wait(kTick);
  EXPECT_EQ(erase(house), 1);
  EXPECT_EQ(erase(house), 0);
}

TEST(Erasure, WhoeverWasToldStopsIt) {
  House house;
  known_person(house);
  ASSERT_EQ(why(ask(house)), kYes);
  const usecase::SubjectAt at{std::string(kIdentity), ""};
  const auto phone = house.history().bindings.front().id;
  const auto start = [&] {
    return house.in([&](store::Tx& tx, Moment& moment) {
      return usecase::start_objection(tx, house.context(), house.caller(), at, {phone, std::nullopt}, moment);
    });
  };
  EXPECT_EQ(why(start()), Code::kNotTold);
  post_all(house);
  const auto started = start();
  ASSERT_EQ(why(started), kYes);
  const std::string code(post_all(house).at(0).message.code.expose());
  const auto confirmed = house.in([&](store::Tx& tx, Moment& moment) {
    return usecase::confirm_objection(tx, house.context(), house.caller(), at, started->id, SecretString(code), moment);
  });
  ASSERT_EQ(why(confirmed), kYes);
  house.wait(hours(73));
  EXPECT_EQ(erase(house), 0);
  EXPECT_TRUE(house.counts(Channel::kSms, kPhone).own());
  EXPECT_EQ(count_events(house, "subject.erasure_stopped"), 1);
}

TEST(Erasure, IsNotBegunWhileAFloodOfChangesKeepsItsNoticeBack) {
  House house;
  known_person(house);
  for (int i = 0; i < 12; ++i)
    ASSERT_EQ(why(house.add_contact(Channel::kSms, "+55119812345" + std::to_string(10 + i))), kYes);
  house.wait(seconds(1));
  ASSERT_EQ(post_all(house).size(), 10U);  // As many as a day has; she is told of no more.
  const auto refused = ask(house);
  ASSERT_EQ(why(refused), Code::kRateLimited);
  EXPECT_EQ(count_rows(house, store::Sql{"SELECT count(*) FROM erasures"}), 0);
  house.wait(*refused.error().retry_after);
  ASSERT_EQ(why(ask(house)), kYes);
  const auto due = post_all(house);
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].message.to, kPhone);
  EXPECT_NE(due[0].message.body.find("erase"), std::string::npos);
}

TEST(Erasure, ACodeToObjectWithTellsNobodyOfIt) {
  House house;
  known_person(house);
  ASSERT_EQ(why(house.enrol()), kYes);
  ASSERT_EQ(why(house.confirm()), kYes);
  house.wait(seconds(1));
  ASSERT_EQ(post_all(house).size(), 1U);
  const auto bindings = house.history().bindings;
  const usecase::SubjectAt at{std::string(kIdentity), ""};
  const auto start = [&](std::optional<BindingId> about) {
    return house.in([&](store::Tx& tx, Moment& moment) {
      return usecase::start_objection(tx, house.context(), house.caller(), at, {bindings.at(0).id, about}, moment);
    });
  };
  ASSERT_EQ(why(ask(house)), kYes);
  const auto notices = due_notices(house);  // Under way, and accepted by nobody yet.
  ASSERT_EQ(notices.size(), 1U);
  ASSERT_EQ(why(start(bindings.at(1).id)), kYes);
  ASSERT_EQ(post_all(house).size(), 1U);
  EXPECT_EQ(why(start(std::nullopt)), Code::kNotTold);
  EXPECT_EQ(count_events(house, "notice.accepted"), 1);  // Of the app, before.
}

TEST(Erasure, CancelsWhatIsOpenAndKeepsWhatWasReleasedAsHashes) {
  House house;
  known_person(house);
  house.hold();
  const auto open = house.current();
  ASSERT_EQ(why(ask(house)), kYes);
  house.wait(hours(72));
  house.hold();  // Meanwhile another one.
  ASSERT_EQ(erase(house), 1);
  EXPECT_EQ(house.status(), TransactionStatus::kCanceled);
  EXPECT_FALSE(house.has_payload());
  EXPECT_FALSE(house.row().display_hash.empty());
  house.use(open);
  EXPECT_NE(house.status(), TransactionStatus::kHeld);
}

TEST(Erasure, LeavesNoAddressNoSecretNoName) {
  House house;
  house.request().contacts.push_back({Channel::kEmail, std::string(kEmail)});
  house.request().return_url = "https://shop.example/orders/of-ana-lima";
  house.request().metadata = R"({"note":"Ana Lima"})";
  known_person(house);
  ASSERT_GE(count_rows(house, kReturnAddresses), 1);
  house.hold();
  ASSERT_EQ(why(house.start()), kYes);
  ASSERT_EQ(why(house.check(house.wrong_code())), Code::kWrongCode);
  ASSERT_EQ(count_rows(house, store::Sql{"SELECT count(*) FROM line_guards"}), 1);
  ASSERT_EQ(why(house.enrol()), kYes);
  ASSERT_EQ(why(house.confirm()), kYes);
  ASSERT_EQ(why(delete_contact(house, house.verification().state.contact, domain::standing::GoneWhy::kLost)), kYes);
  erase_now(house);
  for (const auto& [what, sql] : std::initializer_list<std::pair<const char*, const char*>>{
           {"contacts", "SELECT count(*) FROM contacts"},
           {"addresses", "SELECT count(*) FROM addresses"},
           {"guards of their lines", "SELECT count(*) FROM line_guards"},
           {"factors", "SELECT count(*) FROM factors"},
           {"notices", "SELECT count(*) FROM notices"},
           {"metadata", "SELECT count(*) FROM transactions WHERE metadata_sealed IS NOT NULL"}}) {
    EXPECT_EQ(count_rows(house, store::Sql{sql}), 0) << what;
  }
  EXPECT_EQ(count_rows(house, kReturnAddresses), 0);
  const SubjectId subject = her(house);
  const auto identity = house.in([&](store::Tx& tx, Moment&) {
    return store::subject_identity(tx, house.context().vault, house.account(), subject);
  });
  EXPECT_EQ(identity, "");
}

TEST(Erasure, WithTheKeysInHandNothingOfThePersonIsFound) {
  House house;
  house.request().contacts.push_back({Channel::kEmail, std::string(kEmail)});
  house.request().metadata = R"({"note":"Ana Lima"})";
  known_person(house);
  const SubjectId subject = her(house);
  erase_now(house);
  static const store::Sql kTransactions{"SELECT id, display_sealed FROM transactions"};
  static const store::Sql kSubjects{"SELECT id, identity_sealed FROM subjects"};
  static const store::Sql kHistories{"SELECT content FROM standings"};
  static const store::Sql kEvents{"SELECT data FROM events"};
  std::string everything;
  house.in([&](store::Tx& tx, Moment&) {
    const auto& vault = house.context().vault;
    tx.all(kTransactions, {}, [&](const store::Row& row) {
      everything += vault.open(row.blob(1), "transactions", row.id<TransactionId>(0).bytes(), "display").expose();
    });
    tx.all(kSubjects, {}, [&](const store::Row& row) {
      everything += vault.open(row.blob(1), "subjects", row.id<SubjectId>(0).bytes(), "identity").expose();
    });
    for (const auto* sql : {&kHistories, &kEvents})
      tx.all(*sql, {}, [&](const store::Row& row) { everything += row.string(0); });
    return Done{};
  });
  EXPECT_NE(everything.find(R"("title":"-")"), std::string::npos) << everything;
  for (const std::string_view hers :
       {kIdentity, kPhone, kEmail, std::string_view("Samba"), std::string_view("repasse"), std::string_view("Lima")})
    EXPECT_EQ(everything.find(hers), std::string::npos) << hers;
  EXPECT_TRUE(her(house) == subject);
}

TEST(Erasure, SparesAnAddressThatSomebodyElseHas) {
  House house;
  known_person(house);
  ASSERT_EQ(why(house.add_contact(Channel::kSms, kPhone, "organizer-43")), kYes);
  erase_now(house);
  EXPECT_EQ(count_rows(house, store::Sql{"SELECT count(*) FROM addresses"}), 1);
  EXPECT_EQ(house.counts(Channel::kSms, kPhone, "organizer-43").counted, Counted::kFounding);
}

TEST(Erasure, TheSameIdentityFoundsNothingAnyMore) {
  House house;
  known_person(house);
  const auto before = her(house);
  erase_now(house);
  house.wait(hours(1));
  house.hold();
  EXPECT_EQ(her(house), before);
  EXPECT_FALSE(house.counts(Channel::kSms, kPhone).any());
  const auto identity = house.in([&](store::Tx& tx, Moment&) {
    return store::subject_identity(tx, house.context().vault, house.account(), before);
  });
  EXPECT_EQ(identity, kIdentity);  // It is written down again, for webhooks and pages.
}

TEST(Erasure, TheTombstoneClosesFoundingAtAServiceThatCameLater) {
  House house;
  known_person(house);
  erase_now(house);
  auto& services = house.settings().accounts.at(house.account()).services;
  auto later = services.front();
  later.name = "later";
  later.id = house.in([&](store::Tx& tx, Moment& m) { return store::ensure_service(tx, house.account(), "later", m); });
  services.push_back(later);
  const auto given = house.in([&](store::Tx& tx, Moment& moment) {
    return usecase::add_contact(tx, house.context(), house.caller(), {std::string(kIdentity), "later"},
                                {Channel::kSms, std::string(kOtherPhone)}, {}, moment);
  });
  ASSERT_EQ(why(given), kYes);
  EXPECT_EQ(given->counts.counted, Counted::kNot);
}

TEST(Erasure, ThatIsAskedForAgainAndStoppedKeepsTheTombstone) {
  House house;
  known_person(house);
  erase_now(house);
  house.hold();  // The same person came again.
  ASSERT_EQ(why(ask(house)), kYes);
  ASSERT_EQ(why(house.in([&](store::Tx& tx, Moment& moment) {
              return usecase::stop_erasure(tx, house.context(), house.caller(), her(house, tx), "application", moment);
            })),
            kYes);
  auto& services = house.settings().accounts.at(house.account()).services;
  auto later = services.front();
  later.name = "later";
  later.id = house.in([&](store::Tx& tx, Moment& m) { return store::ensure_service(tx, house.account(), "later", m); });
  services.push_back(later);
  house.request().service = "later";
  house.request().contacts = {{Channel::kSms, std::string(kOtherPhone)}};
  house.hold();
  EXPECT_EQ(why(house.start()), Code::kSourceDoesNotCount);
}

TEST(Erasure, IsAnnounced) {
  House house;
  known_person(house);
  ASSERT_EQ(why(house.add_endpoint()), kYes);
  const auto announced = [&] {
    const auto due = house.due_deliveries();
    EXPECT_EQ(due.size(), 1U);
    for (const auto& job : due) house.finish(job, delivery::WebhookVerdict::kDelivered, 204);
    return due.empty() ? std::string() : due[0].attempt.body;
  };
  const std::string subject = her(house).text();
  ASSERT_EQ(why(ask(house)), kYes);
  std::string body = announced();
  EXPECT_NE(body.find(R"("type":"subject.erasure_asked")"), std::string::npos) << body;
  EXPECT_NE(body.find(R"("identity":")" + std::string(kIdentity)), std::string::npos) << body;
  EXPECT_NE(body.find(R"("acts_at":")" + to_rfc3339(house.now() + hours(72))), std::string::npos) << body;
  ASSERT_EQ(why(house.in([&](store::Tx& tx, Moment& moment) {
              return usecase::stop_erasure(tx, house.context(), house.caller(), her(house, tx), "application", moment);
            })),
            kYes);
  body = announced();
  EXPECT_NE(body.find(R"("type":"subject.erasure_stopped")"), std::string::npos) << body;
  EXPECT_NE(body.find(R"("by":"application")"), std::string::npos) << body;
  erase_now(house);
  const auto due = house.due_deliveries();
  const auto erased = std::ranges::find(due, "subject.erased", [](const auto& job) { return job.row.event_type; });
  ASSERT_NE(erased, due.end());
  body = erased->attempt.body;
  EXPECT_NE(body.find(R"("subject":")" + subject), std::string::npos) << body;
  EXPECT_NE(body.find(R"("identity":null)"), std::string::npos) << body;
}

TEST(Erasure, TheTombstoneGoesWithTheTransactions) {
  House house;
  known_person(house);
  erase_now(house);
  const auto purge = [&] {
    return house.in([&](store::Tx& tx, Moment&) { return store::purge(tx, house.account(), {}, house.now(), 100); });
  };
  while (purge() > 0) {
  }
  EXPECT_EQ(count_rows(house, store::Sql{"SELECT count(*) FROM subjects"}), 1);
  house.wait(hours(24 * 181));
  while (purge() > 0) {
  }
  EXPECT_EQ(count_rows(house, store::Sql{"SELECT count(*) FROM subjects"}), 0);
  EXPECT_EQ(count_rows(house, store::Sql{"SELECT count(*) FROM erasures"}), 0);
  EXPECT_EQ(house.count("standings"), 0);
}

TEST(Erasure, OfNobodyIsNotFound) {
  House house;
  EXPECT_EQ(why(ask(house)), Code::kNotFound);
  known_person(house);
  erase_now(house);
  EXPECT_EQ(why(ask(house)), Code::kNotFound);
}

}  // namespace
}  // namespace countersign::testing
