#include <algorithm>

#include "store/repository/erasures.h"
#include "store/repository/webhooks.h"
#include "usecase/outbox/courier/post_office.h"

// A row of work that cannot be read is set aside: kept, counted and named, once. The rest goes on. On both engines.
namespace countersign::testing {
namespace {

using store::Sql;

struct Poison : ::testing::Test {
  PostOffice office;
  Fixture& fixture = office.fixture;

  void exec(const Sql& sql, std::initializer_list<store::Param> params) {
    fixture.in([&](store::Tx& tx, Moment&) {
      EXPECT_EQ(tx.exec(sql, params), 1);
      return Done{};
    });
  }
  std::int64_t number(const Sql& sql) { return office.number(sql); }
  /// Of the messages queued so far: those whose verification shows that fault.
  std::int64_t faults_shown(std::string_view fault) {
    return std::ranges::count_if(fixture.sent(), [&](const usecase::QueuedMessage& message) {
      const auto verification = fixture.in([&](store::Tx& tx, Moment&) {
        return store::find_verification(tx, message.account, message.transaction, message.verification);
      });
      return verification->send_fault == fault;
    });
  }
  /// The courier has looked several times, and each poisoned row was named once.
  void expect_set_aside(const std::vector<std::string>& tables) {
    office.run(milliseconds(100), 1);
    auto named = office.set_aside();
    std::ranges::sort(named);
    EXPECT_EQ(named, tables);
  }
  /// A message that nobody delivers before its lease has run out: see become_due().
  MessageId queued_message(int person) {
    fixture.request().identity = "person-" + std::to_string(person);
    fixture.request().contacts = {{Channel::kSms, "+55119876500" + std::to_string(10 + person)}};
    fixture.hold();
    EXPECT_EQ(why(fixture.start()), kYes);
    return fixture.sent().back().id;
  }
  /// What was queued comes due, once it is as the test wants it.
  void become_due() { fixture.wait(seconds(61)); }
  SubjectId subject_of(int person) {
    fixture.request().identity = "person-" + std::to_string(person);
    fixture.hold();
    return fixture.row().state.subject;
  }
  store::DeliveryRow delivery_to(const WebhookEndpointId& endpoint, std::string_view type, const std::string& body) {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      store::DeliveryRow row;
      row.account = fixture.account();
      row.id = DeliveryId::make(moment);
      row.endpoint = endpoint;
      row.event_type = type;
      row.body = body;
      row.status = "pending";
      row.due_at = moment.now + seconds(60);
      row.created_at = moment.now;
      store::insert_delivery(tx, row);
      return row;
    });
  }
};

TEST_F(Poison, Messages) {
  const auto sealed = queued_message(1);
  const auto channel = queued_message(2);
  const auto well = queued_message(3);
  static const Sql kSpoilSeal{"UPDATE messages SET content_sealed = ?2 WHERE id = ?1"};
  static const Sql kSpoilRow{"UPDATE messages SET channel = 'pigeon' WHERE id = ?1"};
  exec(kSpoilSeal, {sealed, store::Blob{"sealed by nobody"}});
  exec(kSpoilRow, {channel});
  become_due();
  office.run_until([&] { return office.hook.accepted().contains(well.text()); }, seconds(10));
  expect_set_aside({"messages", "messages"});
  static const Sql kKept{
      "SELECT count(*) FROM messages WHERE status = 'failed' AND error_code = 'unreadable' AND content_sealed IS NOT "
      "NULL"};
  EXPECT_EQ(number(kKept), 2);
  EXPECT_EQ(faults_shown("misconfigured"), 1);
}

TEST_F(Poison, MessagesWhoseTransactionCannotBeRead) {
  const auto spoilt = queued_message(1);
  const auto spoilt_transaction = fixture.current();
  const auto well = queued_message(2);
  static const Sql kSpoil{"UPDATE transactions SET policy = 'nonsense' WHERE id = ?1"};
  exec(kSpoil, {spoilt_transaction});
  become_due();
  office.run_until([&] { return office.hook.accepted().contains(well.text()); }, seconds(10));
  expect_set_aside({"messages"});
  EXPECT_EQ(fixture.message(spoilt)->status, "failed");
  EXPECT_EQ(fixture.message(well)->status, "sent");
}

TEST_F(Poison, WhatWasSentIsWrittenDownBesideIt) {
  office.hook.answer_with([](const ServerRequest& request) {
    return ServerReply{request.body.find("+5511987650011") == std::string::npos ? 200 : 400};
  });
  const auto refused = queued_message(1);
  const auto transaction = fixture.current();
  const auto well = queued_message(2);
  for (const auto& message : fixture.sent()) office.courier().deliver(message);  // Handed over before it was spoilt.
  static const Sql kSpoil{"UPDATE transactions SET proofs = 'nonsense', verifications = ?2 WHERE id = ?1"};
  exec(kSpoil, {transaction, store::Blob{"nonsense"}});
  office.run_until(
      [&] { return fixture.message(refused)->status == "failed" && fixture.message(well)->status == "sent"; },
      seconds(10));
}

TEST_F(Poison, Webhooks) {
  HttpServer receiver([](const ServerRequest&) { return ServerReply{204}; });
  const auto well = fixture.add_endpoint(receiver.url("/well"));
  const auto bad = fixture.add_endpoint(receiver.url("/bad"));
  ASSERT_TRUE(well && bad);
  static const Sql kSpoilSecret{"UPDATE webhook_endpoints SET secret_sealed = ?2 WHERE id = ?1"};
  static const Sql kSpoilRow{"UPDATE deliveries SET transaction_id = ?2 WHERE id = ?1"};
  exec(kSpoilSecret, {bad->endpoint.id, store::Blob{"sealed by nobody"}});
  const auto to_bad = delivery_to(bad->endpoint.id, "transaction.verified", "{}");
  const auto row = delivery_to(well->endpoint.id, "transaction.verified", "{}");
  exec(kSpoilRow, {row.id, store::Blob{"no id"}});
  const auto sent = delivery_to(well->endpoint.id, "transaction.verified", "{}");
  become_due();
  office.run_until([&] { return receiver.exchanges().size() == 1; }, seconds(10));
  EXPECT_EQ(receiver.exchanges().at(0).request.header("webhook-id"), sent.id.text());
  expect_set_aside({"deliveries", "deliveries"});
  EXPECT_EQ(receiver.exchanges().size(), 1U);
  static const Sql kKept{"SELECT count(*) FROM deliveries WHERE status = 'failed' AND last_error LIKE 'unreadable: %'"};
  EXPECT_EQ(number(kKept), 2);
}

TEST_F(Poison, AWebhookWhoseConsequenceCannotBeReadIsDeliveredOnce) {
  HttpServer receiver([](const ServerRequest&) { return ServerReply{204}; });
  const auto endpoint = fixture.add_endpoint(receiver.url("/"));
  ASSERT_TRUE(endpoint);
  const auto subject = subject_of(1);
  Moment moment{fixture.now(), fixture.random()};
  const std::string body = R"({"type":"subject.source_added","data":{"subject":")" + subject.text() +
                           R"(","binding":")" + BindingId::make(moment).text() + R"(","service":"default"}})";
  static const Sql kSpoil{"UPDATE standings SET content = 'nonsense' WHERE subject_id = ?1"};
  exec(kSpoil, {subject});
  const auto row = delivery_to(endpoint->endpoint.id, "subject.source_added", body);
  become_due();
  static const Sql kDelivered{"SELECT count(*) FROM deliveries WHERE status = 'delivered'"};
  office.run_until([&] { return number(kDelivered) == 1; }, seconds(10));
  office.run(minutes(3), 600);  // Longer than a lease.
  EXPECT_EQ(receiver.exchanges().size(), 1U);
}

TEST_F(Poison, Notices) {
  const auto subject = subject_of(1);
  const auto sealed = office.queue_notice(subject, "+5511987650021");
  const auto about = office.queue_notice(subject, "+5511987650022");
  const auto well = office.queue_notice(subject, "+5511987650023");
  static const Sql kSpoilSeal{"UPDATE notices SET content_sealed = ?2 WHERE id = ?1"};
  static const Sql kSpoilRow{"UPDATE notices SET about = 'nonsense' WHERE id = ?1"};
  exec(kSpoilSeal, {sealed, store::Blob{"sealed by nobody"}});
  exec(kSpoilRow, {about});
  become_due();
  office.run_until([&] { return office.hook.accepted().contains(well.text()); }, seconds(10));
  expect_set_aside({"notices", "notices"});
  static const Sql kKept{"SELECT count(*) FROM notices WHERE status = 'failed' AND content_sealed IS NOT NULL"};
  EXPECT_EQ(number(kKept), 2);
}

TEST_F(Poison, ANoticeWhoseHistoryCannotBeReadIsSentOnce) {
  const auto subject = subject_of(1);
  static const Sql kSpoil{"UPDATE standings SET content = 'nonsense' WHERE subject_id = ?1"};
  exec(kSpoil, {subject});
  const auto told = office.queue_notice(subject, "+5511987650021");
  become_due();
  static const Sql kSent{"SELECT count(*) FROM notices WHERE status = 'sent'"};
  office.run_until([&] { return number(kSent) == 1; }, seconds(10));
  office.run(minutes(3), 600);  // Longer than a lease.
  EXPECT_EQ(office.hook.requests()[told.text()], 1);
  EXPECT_EQ(number(kSent), 1);
  expect_set_aside({});
}

TEST_F(Poison, WhatIsToBeEndedAtAProvider) {
  office.queue_end("VE1");
  office.queue_end("VE2");
  static const Sql kSpoil{"UPDATE upstream_ends SET verification_id = ?2 WHERE provider_ref = ?1"};
  exec(kSpoil, {"VE1", store::Blob{"no id"}});
  become_due();
  office.run_until([&] { return office.verifier.ended().size() == 1; }, seconds(10));
  expect_set_aside({"upstream_ends"});
  EXPECT_EQ(office.verifier.ended(), std::vector<std::string>{"VE2"});
  static const Sql kKept{"SELECT count(*) FROM upstream_ends WHERE provider_ref = 'VE1' AND attempts = 0"};
  EXPECT_EQ(number(kKept), 1);
}

TEST_F(Poison, LapsedTransactions) {
  fixture.request().expires_in = minutes(5);
  for (int person = 1; person <= 3; ++person) {
    static_cast<void>(subject_of(person));
    if (person == 3) break;
    static const Sql kSpoil{"UPDATE transactions SET policy = 'nonsense' WHERE id = ?1"};
    exec(kSpoil, {fixture.current()});
  }
  fixture.wait(minutes(6));
  static const Sql kExpired{"SELECT count(*) FROM transactions WHERE status = 'expired'"};
  office.run_until([&] { return number(kExpired) == 1; }, seconds(10));
  expect_set_aside({"transactions", "transactions"});
  static const Sql kHeld{"SELECT count(*) FROM transactions WHERE status = 'held'"};
  EXPECT_EQ(number(kHeld), 2);
}

TEST_F(Poison, Histories) {
  static const Sql kDue{"UPDATE standings SET due_at = ?2 WHERE subject_id = ?1"};
  static const Sql kSpoil{"UPDATE standings SET due_at = ?2, content = 'nonsense' WHERE subject_id = ?1"};
  const auto spoilt = subject_of(1);
  exec(kSpoil, {spoilt, fixture.now() - hours(2)});
  exec(kDue, {subject_of(2), fixture.now() - hours(1)});
  const auto due = [&] {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      static const Sql kCount{"SELECT count(*) FROM standings WHERE due_at <= ?1"};
      std::int64_t count = -1;
      tx.one(kCount, {moment.now}, [&](const store::Row& row) { count = row.integer(0); });
      return count;
    });
  };
  office.run_until([&] { return due() == 1; }, seconds(10));
  expect_set_aside({"standings"});
  static const Sql kKept{"SELECT count(*) FROM standings WHERE content = 'nonsense'"};
  EXPECT_EQ(number(kKept), 1);
}

TEST_F(Poison, Erasures) {
  const auto ask = [&](const SubjectId& subject) {
    fixture.in([&](store::Tx& tx, Moment& moment) {
      store::ErasureRow row;
      row.account = fixture.account();
      row.subject = subject;
      row.state.asked_at = moment.now;
      row.state.acts_at = moment.now + seconds(60);
      store::save_erasure(tx, row);
      return Done{};
    });
  };
  const auto spoilt = subject_of(1);
  const auto well = subject_of(2);
  for (const auto& subject : {spoilt, well}) ask(subject);
  static const Sql kSpoil{"UPDATE standings SET content = 'nonsense' WHERE subject_id = ?1"};
  exec(kSpoil, {spoilt});
  become_due();
  static const Sql kErased{"SELECT count(*) FROM erasures WHERE erased_at IS NOT NULL"};
  office.run_until([&] { return number(kErased) == 1; }, seconds(10));
  expect_set_aside({"erasures"});
  static const Sql kDue{"SELECT count(*) FROM erasures WHERE acts_at IS NOT NULL"};
  EXPECT_EQ(number(kDue), 1);
}

}  // namespace
}  // namespace countersign::testing
