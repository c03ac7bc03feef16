#include "usecase/work_deliveries.h"

#include <set>

#include "script.h"

namespace countersign::testing {
namespace {

using delivery::WebhookVerdict;

/// An endpoint, and the webhook of a verified transaction that is due to it.
usecase::WebhookJob due_webhook(House& house) {
  EXPECT_EQ(why(house.add_endpoint()), kYes);
  verify(house);
  auto due = house.due_deliveries();
  EXPECT_EQ(due.size(), 1U);
  return due.at(0);
}

std::vector<usecase::EndpointView> endpoints(House& house) {
  return house.in([&](store::Tx& tx, Moment& moment) {
    return usecase::list_endpoints(tx, house.context(), house.caller(), moment.now);
  });
}

usecase::DeliveryView delivery_of(House& house, const usecase::WebhookJob& job) {
  auto views = house.in(
      [&](store::Tx& tx, Moment&) { return usecase::list_deliveries(tx, house.caller(), job.row.endpoint, {}); });
  for (auto& view : views->views) {
    if (view.row.id == job.row.id) return view;
  }
  ADD_FAILURE() << "no such delivery";
  return {};
}

TEST(Deliveries, TellOfTheStateAndWhomItIsForAndNothingElse) {
  House house;
  house.request().metadata = R"({"order":7})";
  const auto job = due_webhook(house);
  EXPECT_EQ(job.attempt.url, "https://shop.example.com/hooks");
  EXPECT_EQ(job.attempt.id, job.row.id.text());
  EXPECT_EQ(job.row.event_type, "transaction.verified");
  EXPECT_NE(job.attempt.body.find(house.current().text()), std::string::npos);
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
  House house;
  house.request().metadata = R"({"b":[1,2.5,null],"a":"\u00e9"})";
  const auto first = due_webhook(house);
  house.finish(first, WebhookVerdict::kRetry, 500);
  house.wait(seconds(10));
  EXPECT_EQ(house.due_deliveries().at(0).attempt.body, first.attempt.body);
}

TEST(Deliveries, WithoutMetadataSaySo) {
  House house;
  const auto job = due_webhook(house);
  EXPECT_NE(job.attempt.body.find(R"("metadata":null)"), std::string::npos) << job.attempt.body;
}

TEST(Deliveries, AreLeased) {
  House house;
  static_cast<void>(due_webhook(house));
  EXPECT_TRUE(house.due_deliveries().empty());
  house.wait(seconds(60) - kTick);
  EXPECT_TRUE(house.due_deliveries().empty());
  house.wait(kTick);
  EXPECT_EQ(house.due_deliveries().size(), 1U);
}

TEST(Deliveries, DeliveredIsTheEnd) {
  House house;
  const auto job = due_webhook(house);
  house.finish(job, WebhookVerdict::kDelivered, 204);
  const auto view = delivery_of(house, job);
  EXPECT_EQ(view.row.status, "delivered");
  ASSERT_EQ(view.attempts.size(), 1U);
  EXPECT_EQ(view.attempts[0].http_status, 204);
  EXPECT_FALSE(view.attempts[0].error);
  house.wait(hours(1000));
  EXPECT_TRUE(house.due_deliveries().empty());
}

TEST(Deliveries, AnEndpointThatIsGoneIsDisabled) {
  House house;
  const auto job = due_webhook(house);
  house.finish(job, WebhookVerdict::kEndpointGone, 410);
  EXPECT_EQ(delivery_of(house, job).row.status, "failed");
  EXPECT_FALSE(endpoints(house).at(0).enabled);
  EXPECT_EQ(house.all_events().back().type, "webhook_endpoint.disabled");
  verify(house);
  EXPECT_TRUE(house.due_deliveries().empty());
}

TEST(Deliveries, AfterTheWholeScheduleTheEndpointIsDisabled) {
  House house;
  const auto job = due_webhook(house);
  const std::vector<Duration> pauses{seconds(5), seconds(15), seconds(30), seconds(60), seconds(120),
                                     minutes(5), minutes(30), hours(2),    hours(5),    hours(10),
                                     hours(14),  hours(20),   hours(24)};
  for (std::size_t i = 0; i < pauses.size(); ++i) {
    house.finish(job, WebhookVerdict::kRetry, 500);
    ASSERT_EQ(delivery_of(house, job).row.status, "pending") << i;
    ASSERT_TRUE(endpoints(house).at(0).enabled) << i;
    house.wait(pauses[i] - kTick);
    ASSERT_TRUE(house.due_deliveries().empty()) << i;
    house.wait(pauses[i] / 5 + kTick);  // Each is up to a fifth longer at most.
    ASSERT_EQ(house.due_deliveries().size(), 1U) << i;
  }
  house.finish(job, WebhookVerdict::kRetry, 500);
  const auto view = delivery_of(house, job);
  EXPECT_EQ(view.row.status, "failed");
  EXPECT_EQ(view.attempts.size(), 14U);
  EXPECT_FALSE(endpoints(house).at(0).enabled);
}

/// Down means that nothing answers: each attempt takes the whole time-out. Whatever chance says.
TEST(Deliveries, AReceiverThatWasDownForThreeMinutesHearsOfItInTimeToClaim) {
  const auto timeout = delivery::WebhookSenderOptions{}.timeout;
  Duration latest{};
  House house;
  unlimited(house);
  ASSERT_EQ(why(house.add_endpoint()), kYes);
  for (int i = 0; i < 200; ++i) {
    verify(house);
    const WallTime verified_at = house.now();
    while (true) {
      const auto due = house.due_deliveries();
      if (due.empty()) {
        house.wait(seconds(1));  // The courier looks about every second.
        continue;
      }
      ASSERT_EQ(due.size(), 1U);
      if (house.now() - verified_at >= minutes(3)) {
        house.finish(due[0], WebhookVerdict::kDelivered, 204);
        break;
      }
      house.wait(timeout);
      house.finish(due[0], WebhookVerdict::kRetry);
    }
    latest = std::max(latest, house.now() - verified_at);
    const auto claim = house.claim();
    ASSERT_EQ(why(claim), kYes) << latest.count();
    ASSERT_EQ(why(house.ack(claim->fencing_token)), kYes);
    for (const auto& released : house.due_deliveries()) house.finish(released, WebhookVerdict::kDelivered, 204);
    ASSERT_TRUE(endpoints(house).at(0).enabled);
  }
  EXPECT_LT(latest, seconds(290)) << "too little is left to claim in";
}

TEST(Deliveries, OneCanBeSentOnceMoreWithItsId) {
  House house;
  const auto job = due_webhook(house);
  house.finish(job, WebhookVerdict::kDelivered, 200);
  const auto again = house.in([&](store::Tx& tx, Moment& moment) {
    return usecase::retry_delivery(tx, house.context(), house.caller(), job.row.endpoint, job.row.id, moment);
  });
  ASSERT_EQ(why(again), kYes);
  const auto due = house.due_deliveries();
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].attempt.id, job.attempt.id);
  EXPECT_EQ(due[0].attempt.body, job.attempt.body);
}

TEST(Deliveries, ALateOutcomeOfASlowNodeChangesNothing) {
  House house;
  const auto job = due_webhook(house);
  house.finish(job, WebhookVerdict::kDelivered, 200);
  house.finish(job, WebhookVerdict::kEndpointGone, 410);
  EXPECT_EQ(delivery_of(house, job).row.status, "delivered");
  EXPECT_TRUE(endpoints(house).at(0).enabled);
}

TEST(Deliveries, ToARemovedEndpointFail) {
  House house;
  const auto made = house.add_endpoint();
  ASSERT_EQ(why(made), kYes);
  verify(house);
  ASSERT_EQ(why(house.in([&](store::Tx& tx, Moment& moment) {
              return usecase::remove_endpoint(tx, house.context(), house.caller(), made->endpoint.id, moment);
            })),
            kYes);
  EXPECT_TRUE(house.due_deliveries().empty());
  house.wait(hours(1));
  EXPECT_TRUE(house.due_deliveries().empty());
}

TEST(Deliveries, EveryEndOfATransactionIsAnnounced) {
  House house;
  ASSERT_EQ(why(house.add_endpoint()), kYes);
  verify(house);
  ASSERT_EQ(why(house.ack(house.claim()->fencing_token)), kYes);
  house.hold();
  ASSERT_EQ(why(house.cancel()), kYes);
  house.hold();
  ASSERT_EQ(why(house.deny()), kYes);
  house.hold();
  house.wait(hours(1));
  ASSERT_EQ(house.expire(), 1);
  std::multiset<std::string> types;
  for (const auto& job : house.due_deliveries()) types.insert(job.row.event_type);
  EXPECT_EQ(types, (std::multiset<std::string>{"transaction.canceled", "transaction.denied", "transaction.expired",
                                               "transaction.released", "transaction.verified"}));
}

TEST(Deliveries, OnlyOfTheTypesThatWereAskedFor) {
  House house;
  ASSERT_EQ(why(house.in([&](store::Tx& tx, Moment& moment) {
              const usecase::EndpointRequest request{"https://shop.example.com/", {"transaction.denied"}, {}};
              return usecase::add_endpoint(tx, house.context(), house.caller(), request, moment);
            })),
            kYes);
  verify(house);
  EXPECT_TRUE(house.due_deliveries().empty());
  house.hold();
  ASSERT_EQ(why(house.deny()), kYes);
  EXPECT_EQ(house.due_deliveries().size(), 1U);
}

}  // namespace
}  // namespace countersign::testing
