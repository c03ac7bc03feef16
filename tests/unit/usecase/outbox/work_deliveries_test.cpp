#include "usecase/outbox/work_deliveries.h"

#include <set>

#include "tests/unit/usecase/script.h"

namespace countersign::testing {
namespace {

using delivery::WebhookVerdict;

/// An endpoint, and the webhook of a verified transaction that is due to it.
usecase::WebhookJob due_webhook(Fixture& fixture) {
  EXPECT_EQ(why(fixture.add_endpoint()), kYes);
  verify(fixture);
  auto due = fixture.due_deliveries();
  EXPECT_EQ(due.size(), 1U);
  return due.at(0);
}

std::vector<usecase::EndpointView> endpoints(Fixture& fixture) {
  return fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::list_endpoints({tx, fixture.context(), fixture.caller(), moment});
  });
}

usecase::DeliveryView delivery_of(Fixture& fixture, const usecase::WebhookJob& job) {
  auto views = fixture.in(
      [&](store::Tx& tx, Moment&) { return usecase::list_deliveries(tx, fixture.caller(), job.row.endpoint, {}); });
  for (auto& view : views->views) {
    if (view.row.id == job.row.id) return view;
  }
  ADD_FAILURE() << "no such delivery";
  return {};
}

TEST(Deliveries, TellOfTheStateAndWhomItIsForAndNothingElse) {
  Fixture fixture;
  fixture.request().metadata = R"({"order":7})";
  const auto job = due_webhook(fixture);
  EXPECT_EQ(job.attempt.url, "https://shop.example.com/hooks");
  EXPECT_EQ(job.attempt.id, job.row.id.text());
  EXPECT_EQ(job.row.event_type, "transaction.verified");
  EXPECT_NE(job.attempt.body.find(fixture.current().text()), std::string::npos);
  for (const std::string_view secret : {kPayload, kPhone, std::string_view("Casa do Samba")}) {
    EXPECT_EQ(job.attempt.body.find(secret), std::string::npos) << secret;
  }
  const auto body = parse_json(job.attempt.body);
  const auto& data = body->get_object().at("data").as_object();
  EXPECT_EQ(json_text(data, "identity"), kIdentity);
  EXPECT_EQ(canonical_json(data.at("metadata")), R"({"order":7})");
  // Neither stands in the queue in clear.
  EXPECT_EQ(job.row.body.find(kIdentity), std::string::npos);
  EXPECT_EQ(job.row.body.find("order"), std::string::npos);
}

TEST(Deliveries, AreTheSameBytesEachTime) {
  Fixture fixture;
  fixture.request().metadata = R"({"b":[1,2.5,null],"a":"\u00e9"})";
  const auto first = due_webhook(fixture);
  fixture.finish(first, WebhookVerdict::kRetry, 500);
  fixture.wait(seconds(10));
  EXPECT_EQ(fixture.due_deliveries().at(0).attempt.body, first.attempt.body);
}

TEST(Deliveries, WithoutMetadataSaySo) {
  Fixture fixture;
  const auto job = due_webhook(fixture);
  EXPECT_NE(job.attempt.body.find(R"("metadata":null)"), std::string::npos) << job.attempt.body;
}

TEST(Deliveries, AreLeased) {
  Fixture fixture;
  static_cast<void>(due_webhook(fixture));
  EXPECT_TRUE(fixture.due_deliveries().empty());
  fixture.wait(seconds(60) - kTick);
  EXPECT_TRUE(fixture.due_deliveries().empty());
  fixture.wait(kTick);
  EXPECT_EQ(fixture.due_deliveries().size(), 1U);
}

TEST(Deliveries, DeliveredIsTheEnd) {
  Fixture fixture;
  const auto job = due_webhook(fixture);
  fixture.finish(job, WebhookVerdict::kDelivered, 204);
  const auto view = delivery_of(fixture, job);
  EXPECT_EQ(view.row.status, "delivered");
  ASSERT_EQ(view.attempts.size(), 1U);
  EXPECT_EQ(view.attempts[0].http_status, 204);
  EXPECT_FALSE(view.attempts[0].error);
  fixture.wait(hours(1000));
  EXPECT_TRUE(fixture.due_deliveries().empty());
}

TEST(Deliveries, AnEndpointThatIsGoneIsDisabled) {
  Fixture fixture;
  const auto job = due_webhook(fixture);
  fixture.finish(job, WebhookVerdict::kEndpointGone, 410);
  EXPECT_EQ(delivery_of(fixture, job).row.status, "failed");
  EXPECT_FALSE(endpoints(fixture).at(0).enabled);
  EXPECT_EQ(fixture.all_events().back().type, "webhook_endpoint.disabled");
  verify(fixture);
  EXPECT_TRUE(fixture.due_deliveries().empty());
}

TEST(Deliveries, AfterTheWholeScheduleTheEndpointIsDisabled) {
  Fixture fixture;
  const auto job = due_webhook(fixture);
  const std::vector<Duration> pauses{seconds(5), seconds(15), seconds(30), seconds(60), seconds(120),
                                     minutes(5), minutes(30), hours(2),    hours(5),    hours(10),
                                     hours(14),  hours(20),   hours(24)};
  for (std::size_t i = 0; i < pauses.size(); ++i) {
    fixture.finish(job, WebhookVerdict::kRetry, 500);
    ASSERT_EQ(delivery_of(fixture, job).row.status, "pending") << i;
    ASSERT_TRUE(endpoints(fixture).at(0).enabled) << i;
    fixture.wait(pauses[i] - kTick);
    ASSERT_TRUE(fixture.due_deliveries().empty()) << i;
    fixture.wait(pauses[i] / 5 + kTick);  // Each is up to a fifth longer at most.
    ASSERT_EQ(fixture.due_deliveries().size(), 1U) << i;
  }
  fixture.finish(job, WebhookVerdict::kRetry, 500);
  const auto view = delivery_of(fixture, job);
  EXPECT_EQ(view.row.status, "failed");
  EXPECT_EQ(view.attempts.size(), 14U);
  EXPECT_FALSE(endpoints(fixture).at(0).enabled);
}

/// Down means that nothing answers: each attempt takes the whole time-out. Whatever chance says.
TEST(Deliveries, AReceiverThatWasDownForThreeMinutesHearsOfItInTimeToClaim) {
  const auto timeout = delivery::WebhookSenderOptions{}.timeout;
  Duration latest{};
  Fixture fixture;
  unlimited(fixture);
  ASSERT_EQ(why(fixture.add_endpoint()), kYes);
  for (int i = 0; i < 200; ++i) {
    verify(fixture);
    const WallTime verified_at = fixture.now();
    while (true) {
      const auto due = fixture.due_deliveries();
      if (due.empty()) {
        fixture.wait(seconds(1));  // The courier looks about every second.
        continue;
      }
      ASSERT_EQ(due.size(), 1U);
      if (fixture.now() - verified_at >= minutes(3)) {
        fixture.finish(due[0], WebhookVerdict::kDelivered, 204);
        break;
      }
      fixture.wait(timeout);
      fixture.finish(due[0], WebhookVerdict::kRetry);
    }
    latest = std::max(latest, fixture.now() - verified_at);
    const auto claim = fixture.claim();
    ASSERT_EQ(why(claim), kYes) << latest.count();
    ASSERT_EQ(why(fixture.ack(claim->fencing_token)), kYes);
    for (const auto& released : fixture.due_deliveries()) fixture.finish(released, WebhookVerdict::kDelivered, 204);
    ASSERT_TRUE(endpoints(fixture).at(0).enabled);
  }
  EXPECT_LT(latest, seconds(290)) << "too little is left to claim in";
}

TEST(Deliveries, OneCanBeSentOnceMoreWithItsId) {
  Fixture fixture;
  const auto job = due_webhook(fixture);
  fixture.finish(job, WebhookVerdict::kDelivered, 200);
  const auto again = fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::retry_delivery({tx, fixture.context(), fixture.caller(), moment}, job.row.endpoint, job.row.id);
  });
  ASSERT_EQ(why(again), kYes);
  const auto due = fixture.due_deliveries();
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].attempt.id, job.attempt.id);
  EXPECT_EQ(due[0].attempt.body, job.attempt.body);
}

TEST(Deliveries, ALateOutcomeOfASlowNodeChangesNothing) {
  Fixture fixture;
  const auto job = due_webhook(fixture);
  fixture.finish(job, WebhookVerdict::kDelivered, 200);
  fixture.finish(job, WebhookVerdict::kEndpointGone, 410);
  EXPECT_EQ(delivery_of(fixture, job).row.status, "delivered");
  EXPECT_TRUE(endpoints(fixture).at(0).enabled);
}

TEST(Deliveries, ToARemovedEndpointFail) {
  Fixture fixture;
  const auto made = fixture.add_endpoint();
  ASSERT_EQ(why(made), kYes);
  verify(fixture);
  ASSERT_EQ(why(fixture.in([&](store::Tx& tx, Moment& moment) {
              return usecase::remove_endpoint({tx, fixture.context(), fixture.caller(), moment}, made->endpoint.id);
            })),
            kYes);
  EXPECT_TRUE(fixture.due_deliveries().empty());
  fixture.wait(hours(1));
  EXPECT_TRUE(fixture.due_deliveries().empty());
}

TEST(Deliveries, EveryEndOfATransactionIsAnnounced) {
  Fixture fixture;
  ASSERT_EQ(why(fixture.add_endpoint()), kYes);
  verify(fixture);
  ASSERT_EQ(why(fixture.ack(fixture.claim()->fencing_token)), kYes);
  fixture.hold();
  ASSERT_EQ(why(fixture.cancel()), kYes);
  fixture.hold();
  ASSERT_EQ(why(fixture.deny()), kYes);
  fixture.hold();
  fixture.wait(hours(1));
  ASSERT_EQ(fixture.expire(), 1);
  std::multiset<std::string> types;
  for (const auto& job : fixture.due_deliveries()) types.insert(job.row.event_type);
  EXPECT_EQ(types, (std::multiset<std::string>{"transaction.canceled", "transaction.denied", "transaction.expired",
                                               "transaction.released", "transaction.verified"}));
}

TEST(Deliveries, OnlyOfTheTypesThatWereAskedFor) {
  Fixture fixture;
  ASSERT_EQ(why(fixture.in([&](store::Tx& tx, Moment& moment) {
              const usecase::EndpointRequest request{"https://shop.example.com/", {"transaction.denied"}, {}};
              return usecase::add_endpoint({tx, fixture.context(), fixture.caller(), moment}, request);
            })),
            kYes);
  verify(fixture);
  EXPECT_TRUE(fixture.due_deliveries().empty());
  fixture.hold();
  ASSERT_EQ(why(fixture.deny()), kYes);
  EXPECT_EQ(fixture.due_deliveries().size(), 1U);
}

}  // namespace
}  // namespace countersign::testing
