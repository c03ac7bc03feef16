#include "store/repository/retention.h"

#include "tests/unit/usecase/script.h"
#include "usecase/idempotency.h"

namespace countersign::testing {
namespace {

using std::chrono::days;

/// Purges in small steps until nothing is left to do; answers how many rows went.
std::int64_t purge(Fixture& fixture) {
  std::int64_t all = 0;
  for (std::int64_t step = 1; step > 0; all += step) {
    step = fixture.in([&](store::Tx& tx, Moment& moment) {
      const auto deleted = store::purge(tx, fixture.account(), store::Retention{}, moment.now, 2);
      // A walk in steps of two, as far as it goes.
      std::string after;
      do {
        after = store::purge_counters(tx, fixture.account(), store::Retention{}, after, moment.now, 2);
      } while (!after.empty());
      return deleted;
    });
  }
  return all;
}

/// A transaction that went all the way, with everything that can hang on one.
void live_fully(Fixture& fixture) {
  fixture.caller().end_user = IpAddress::parse("192.0.2.1");
  ASSERT_EQ(why(fixture.add_endpoint()), kYes);
  verify(fixture);
  fixture.finish(fixture.sent().back(), delivery::Accepted{"SM-1"});
  ASSERT_EQ(why(fixture.ack(fixture.claim()->fencing_token)), kYes);
  for (const auto& job : fixture.due_deliveries()) fixture.finish(job, delivery::WebhookVerdict::kDelivered, 200);
  const auto kept = fixture.in([&](store::Tx& tx, Moment& moment) {
    const usecase::IdempotencyKey key{"k", "r", "b"};
    return usecase::idempotent({tx, fixture.context(), fixture.caller(), moment}, key,
                               []() -> Answer<usecase::Recorded> { return usecase::Recorded{200, "a"}; });
  });
  ASSERT_EQ(why(kept), kYes);
}

TEST(Retention, EachKindGoesInItsTime) {
  Fixture fixture;
  live_fully(fixture);
  fixture.put_back_verifications();
  EXPECT_EQ(fixture.count("verifications"), 1);
  EXPECT_EQ(purge(fixture), 0);
  fixture.wait(hours(24) + kTick);
  purge(fixture);
  EXPECT_EQ(fixture.count("idempotency"), 0);
  EXPECT_GT(fixture.count("counters"), 0);
  fixture.wait(hours(24));
  purge(fixture);
  EXPECT_EQ(fixture.count("counters"), 0);
  EXPECT_EQ(fixture.count("messages"), 1);
  fixture.wait(days(28) + seconds(1));
  purge(fixture);
  EXPECT_EQ(fixture.count("messages"), 0);
  EXPECT_EQ(fixture.count("transactions"), 1);
  EXPECT_EQ(fixture.count("delivery_attempts"), 2);
  fixture.wait(days(150));
  purge(fixture);
  for (const char* table : {"transactions", "verifications", "deliveries", "delivery_attempts", "events", "payloads"}) {
    EXPECT_EQ(fixture.count(table), 0) << table;
  }
}

TEST(Retention, AClaimedOneThatNobodyAcknowledgedStays) {
  Fixture fixture;
  verify(fixture);
  const auto token = fixture.claim()->fencing_token;
  fixture.wait(days(1000));
  fixture.expire();
  purge(fixture);
  EXPECT_EQ(fixture.count("transactions"), 1);
  EXPECT_TRUE(fixture.has_payload());
  EXPECT_EQ(why(fixture.ack(token)), kYes);
}

TEST(Retention, CountsFromTheEndAndNotFromTheBeginning) {
  Fixture fixture;
  verify(fixture);
  const auto token = fixture.claim()->fencing_token;
  fixture.wait(days(179));
  ASSERT_EQ(why(fixture.ack(token)), kYes);
  fixture.wait(days(2));
  purge(fixture);
  EXPECT_EQ(fixture.count("transactions"), 1);
  fixture.wait(days(179));
  purge(fixture);
  EXPECT_EQ(fixture.count("transactions"), 0);
}

TEST(Retention, WhatIsUnderWayStays) {
  Fixture fixture;
  ASSERT_EQ(why(fixture.add_endpoint()), kYes);
  fixture.request().expires_in = hours(24);
  fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  fixture.wait(days(1000));
  purge(fixture);
  EXPECT_EQ(fixture.count("messages"), 1);  // Queued: it is finished as expired before it goes.
  EXPECT_EQ(fixture.count("transactions"), 1);
  EXPECT_TRUE(fixture.due_messages().empty());
  EXPECT_EQ(fixture.expire(), 1);
  EXPECT_EQ(fixture.count("deliveries"), 1);
  purge(fixture);
  EXPECT_EQ(fixture.count("messages"), 0);
  EXPECT_EQ(fixture.count("transactions"), 1);
}

TEST(Retention, AnotherAccountIsNotTouched) {
  Fixture fixture;
  live_fully(fixture);
  fixture.wait(days(1000));
  fixture.in([&](store::Tx& tx, Moment& moment) {
    return store::purge(tx, AccountId{Id::floor_of(moment.now)}, store::Retention{}, moment.now, 100);
  });
  EXPECT_EQ(fixture.count("transactions"), 1);
  EXPECT_GT(fixture.count("events"), 0);
}

}  // namespace
}  // namespace countersign::testing
