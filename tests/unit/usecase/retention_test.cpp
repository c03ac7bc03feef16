#include "store/repository/retention.h"

#include "script.h"
#include "usecase/idempotent.h"

namespace countersign::testing {
namespace {

using std::chrono::days;

/// Purges in small steps until nothing is left to do; answers how many rows went.
std::int64_t purge(House& house) {
  std::int64_t all = 0;
  for (std::int64_t step = 1; step > 0; all += step) {
    step = house.in([&](store::Tx& tx, Moment& moment) {
      const auto deleted = store::purge(tx, house.account(), store::Retention{}, moment.now, 2);
      // A walk in steps of two, as far as it goes.
      std::string after;
      do {
        after = store::purge_counters(tx, house.account(), store::Retention{}, after, moment.now, 2);
      } while (!after.empty());
      return deleted;
    });
  }
  return all;
}

/// A transaction that went all the way, with everything that can hang on one.
void live_fully(House& house) {
  house.caller().end_user = IpAddress::parse("192.0.2.1");
  ASSERT_EQ(why(house.add_endpoint()), kYes);
  verify(house);
  house.finish(house.sent().back(), delivery::Accepted{"SM-1"});
  ASSERT_EQ(why(house.ack(house.claim()->fencing_token)), kYes);
  for (const auto& job : house.due_deliveries()) house.finish(job, delivery::WebhookVerdict::kDelivered, 200);
  const auto kept = house.in([&](store::Tx& tx, Moment& moment) {
    const usecase::IdempotencyKey key{"k", "r", "b"};
    return usecase::idempotent(tx, house.context(), house.caller(), key, moment,
                               []() -> Answer<usecase::Recorded> { return usecase::Recorded{200, "a"}; });
  });
  ASSERT_EQ(why(kept), kYes);
}

TEST(Retention, EachKindGoesInItsTime) {
  House house;
  live_fully(house);
  EXPECT_EQ(purge(house), 0);
  house.wait(hours(24) + kTick);
  purge(house);
  EXPECT_EQ(house.count("idempotency"), 0);
  EXPECT_GT(house.count("counters"), 0);
  house.wait(hours(24));
  purge(house);
  EXPECT_EQ(house.count("counters"), 0);
  EXPECT_EQ(house.count("messages"), 1);
  house.wait(days(28) + seconds(1));
  purge(house);
  EXPECT_EQ(house.count("messages"), 0);
  EXPECT_EQ(house.count("transactions"), 1);
  EXPECT_EQ(house.count("delivery_attempts"), 2);
  house.wait(days(150));
  purge(house);
  for (const char* table : {"transactions", "verifications", "deliveries", "delivery_attempts", "events", "payloads"}) {
    EXPECT_EQ(house.count(table), 0) << table;
  }
}

TEST(Retention, AClaimedOneThatNobodyAcknowledgedStays) {
  House house;
  verify(house);
  const auto token = house.claim()->fencing_token;
  house.wait(days(1000));
  house.expire();
  purge(house);
  EXPECT_EQ(house.count("transactions"), 1);
  EXPECT_EQ(house.count("verifications"), 1);
  EXPECT_TRUE(house.has_payload());
  EXPECT_EQ(why(house.ack(token)), kYes);
}

TEST(Retention, CountsFromTheEndAndNotFromTheBeginning) {
  House house;
  verify(house);
  const auto token = house.claim()->fencing_token;
  house.wait(days(179));
  ASSERT_EQ(why(house.ack(token)), kYes);
  house.wait(days(2));
  purge(house);
  EXPECT_EQ(house.count("transactions"), 1);
  house.wait(days(179));
  purge(house);
  EXPECT_EQ(house.count("transactions"), 0);
}

TEST(Retention, WhatIsUnderWayStays) {
  House house;
  ASSERT_EQ(why(house.add_endpoint()), kYes);
  house.request().expires_in = hours(24);
  house.hold();
  ASSERT_EQ(why(house.start()), kYes);
  house.wait(days(1000));
  purge(house);
  EXPECT_EQ(house.count("messages"), 1);  // Queued: it is finished as expired before it goes.
  EXPECT_EQ(house.count("transactions"), 1);
  EXPECT_TRUE(house.due_messages().empty());
  EXPECT_EQ(house.expire(), 1);
  EXPECT_EQ(house.count("deliveries"), 1);
  purge(house);
  EXPECT_EQ(house.count("messages"), 0);
  EXPECT_EQ(house.count("transactions"), 1);
}

TEST(Retention, AnotherAccountIsNotTouched) {
  House house;
  live_fully(house);
  house.wait(days(1000));
  house.in([&](store::Tx& tx, Moment& moment) {
    return store::purge(tx, AccountId{Id::floor_of(moment.now)}, store::Retention{}, moment.now, 100);
  });
  EXPECT_EQ(house.count("transactions"), 1);
  EXPECT_GT(house.count("events"), 0);
}

}  // namespace
}  // namespace countersign::testing
