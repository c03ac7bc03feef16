#include "usecase/transaction/give_up.h"

#include "tests/unit/usecase/script.h"
#include "usecase/transaction/show.h"

namespace countersign::testing {
namespace {

std::optional<Code> give_up(Fixture& fixture) {
  return why(fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::give_up({tx, fixture.context(), fixture.caller(), moment}, fixture.current());
  }));
}

int give_up_overdue(Fixture& fixture, int limit = 100) {
  return fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::give_up_overdue(tx, fixture.context(), fixture.account(), limit, moment);
  });
}

store::Unacknowledged unacknowledged(Fixture& fixture) {
  return fixture.in([&](store::Tx& tx, Moment&) { return store::count_unacknowledged(tx, fixture.account()); });
}

TEST(GiveUp, EndsAClaimThatNobodyWillAcknowledge) {
  Fixture fixture;
  ASSERT_EQ(why(fixture.add_endpoint()), kYes);
  verify(fixture);
  ASSERT_EQ(why(fixture.claim("a random name that was lost")), kYes);
  EXPECT_EQ(why(fixture.cancel()), Code::kAlreadyClaimed);
  EXPECT_EQ(give_up(fixture), kYes);

  EXPECT_FALSE(fixture.has_payload());
  EXPECT_EQ(fixture.status(), TransactionStatus::kReleased);
  EXPECT_EQ(fixture.row().state.end_reason, domain::EndReason::kUnacknowledged);
  EXPECT_EQ(fixture.row().state.ended_at, fixture.now());
  EXPECT_EQ(fixture.events().back(), "transaction.released");
  std::string bodies;
  for (const auto& job : fixture.due_deliveries()) bodies += job.attempt.body;
  EXPECT_NE(bodies.find(R"("reason":"unacknowledged")"), std::string::npos) << bodies;
  EXPECT_NE(bodies.find(R"("type":"transaction.released")"), std::string::npos) << bodies;
}

TEST(GiveUp, HandsThePayloadToNobodyElse) {
  Fixture fixture;
  verify(fixture);
  const auto won = fixture.claim("worker-1");
  ASSERT_EQ(give_up(fixture), kYes);
  EXPECT_EQ(why(fixture.claim("worker-1")), Code::kTransactionNotHeld);
  EXPECT_EQ(why(fixture.claim("worker-2")), Code::kTransactionNotHeld);
  // The claimer had it after all, and says so: that is no error, and changes nothing.
  EXPECT_EQ(why(fixture.ack("another's token")), Code::kWrongFencingToken);
  EXPECT_EQ(why(fixture.ack(won->fencing_token)), kYes);
  EXPECT_EQ(fixture.row().state.end_reason, domain::EndReason::kUnacknowledged);
  EXPECT_EQ(give_up(fixture), Code::kTransactionNotHeld);
}

TEST(GiveUp, IsForClaimsAlone) {
  Fixture fixture;
  fixture.hold();
  EXPECT_EQ(give_up(fixture), Code::kNotClaimed);
  verify(fixture);
  EXPECT_EQ(give_up(fixture), Code::kNotClaimed);
  EXPECT_TRUE(fixture.has_payload());
  fixture.wait(hours(1));
  EXPECT_EQ(give_up(fixture), Code::kTransactionExpired);
  verify(fixture);
  ASSERT_EQ(why(fixture.ack(fixture.claim()->fencing_token)), kYes);
  EXPECT_EQ(give_up(fixture), Code::kTransactionNotHeld);
  EXPECT_FALSE(fixture.row().state.end_reason);
  fixture.caller().account = AccountId{Id::floor_of(fixture.now())};
  EXPECT_EQ(give_up(fixture), Code::kNotFound);
}

TEST(GiveUp, WithoutALimitAClaimWaitsForEver) {
  Fixture fixture;
  verify(fixture);
  const auto won = fixture.claim();
  fixture.wait(hours(24 * 1000));
  EXPECT_EQ(give_up_overdue(fixture), 0);
  EXPECT_EQ(why(fixture.ack(won->fencing_token)), kYes);
}

TEST(GiveUp, TheOperatorsLimitIsCountedFromTheClaim) {
  Fixture fixture;
  fixture.settings().transactions.acknowledge_within = hours(24);
  verify(fixture);
  fixture.wait(minutes(4));
  ASSERT_EQ(why(fixture.claim()), kYes);
  const auto claimed = fixture.current();
  verify(fixture);  // Nobody claims that one; expiry is what ends it.
  fixture.use(claimed);
  fixture.wait(hours(24));
  EXPECT_EQ(give_up_overdue(fixture), 0);
  fixture.wait(kTick);
  EXPECT_EQ(give_up_overdue(fixture), 1);
  EXPECT_EQ(fixture.row().state.end_reason, domain::EndReason::kUnacknowledged);
  EXPECT_EQ(fixture.all_events().back().actor, "system");
  EXPECT_EQ(give_up_overdue(fixture), 0);
}

TEST(GiveUp, GoesStepByStep) {
  Fixture fixture;
  unlimited(fixture);
  fixture.settings().transactions.acknowledge_within = hours(1);
  for (int i = 0; i < 5; ++i) {
    verify(fixture);
    ASSERT_EQ(why(fixture.claim()), kYes);
  }
  fixture.wait(hours(2));
  EXPECT_EQ(give_up_overdue(fixture, 3), 3);
  EXPECT_EQ(give_up_overdue(fixture, 3), 2);
  EXPECT_EQ(give_up_overdue(fixture, 3), 0);
}

TEST(Unacknowledged, CountsWhatIsClaimedAndNotOver) {
  Fixture fixture;
  unlimited(fixture);
  EXPECT_EQ(unacknowledged(fixture).count, 0);
  EXPECT_FALSE(unacknowledged(fixture).oldest);
  verify(fixture);
  EXPECT_EQ(unacknowledged(fixture).count, 0);
  const auto first = fixture.claim();
  const auto at = fixture.now();
  const auto first_id = fixture.current();
  fixture.wait(hours(1));
  verify(fixture);
  ASSERT_EQ(why(fixture.claim()), kYes);
  EXPECT_EQ(unacknowledged(fixture).count, 2);
  EXPECT_EQ(unacknowledged(fixture).oldest, at);
  fixture.use(first_id);
  ASSERT_EQ(why(fixture.ack(first->fencing_token)), kYes);
  EXPECT_EQ(unacknowledged(fixture).count, 1);
  EXPECT_EQ(unacknowledged(fixture).oldest, fixture.now());
}

using List = ::testing::Test;

std::vector<TransactionId> listed(Fixture& fixture, const store::TransactionFilter& filter) {
  const usecase::ListRequest request{filter, std::nullopt};
  const auto list = fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::list_transactions({tx, fixture.context(), fixture.caller(), moment}, request);
  });
  std::vector<TransactionId> ids;
  for (const auto& view : list.views) ids.push_back(view.row.state.id);
  return ids;
}
using Ids = std::vector<TransactionId>;

TEST_F(List, FindsWhatWasClaimedAndNeverAcknowledgedHoweverOldItIs) {
  Fixture fixture;
  unlimited(fixture);
  verify(fixture);
  ASSERT_EQ(why(fixture.claim()), kYes);
  const auto stuck = fixture.current();
  fixture.wait(seconds(1));
  for (int i = 0; i < 2100; ++i) fixture.hold();  // More than one page looks at.
  verify(fixture);
  const auto unclaimed = fixture.current();
  EXPECT_EQ(listed(fixture, {.status = TransactionStatus::kVerified, .claimed = true}), Ids{stuck});
  EXPECT_EQ(listed(fixture, {.status = TransactionStatus::kVerified, .claimed = false}), Ids{unclaimed});
  fixture.use(stuck);
  ASSERT_EQ(give_up(fixture), kYes);
  EXPECT_EQ(listed(fixture, {.status = TransactionStatus::kVerified, .claimed = true}), Ids{});
}

TEST_F(List, ByTimeTypeAndClaim) {
  Fixture fixture;
  unlimited(fixture);
  Ids ids;
  std::vector<WallTime> times;
  for (const char* type : {"payout", "refund", "payout"}) {
    fixture.request().type = type;
    verify(fixture);
    ids.push_back(fixture.current());
    times.push_back(fixture.now());
    fixture.wait(seconds(1));
  }
  EXPECT_EQ(listed(fixture, {.type = "payout"}), (Ids{ids[2], ids[0]}));
  EXPECT_EQ(listed(fixture, {.type = "pay"}), Ids{});
  EXPECT_EQ(listed(fixture, {.held = {.since = times[1]}}), (Ids{ids[2], ids[1]}));
  EXPECT_EQ(listed(fixture, {.held = {.until = times[1]}}), Ids{ids[0]});
  EXPECT_EQ(listed(fixture, {.held = {.since = times[1], .until = times[2]}}), Ids{ids[1]});
  EXPECT_EQ(listed(fixture, {.type = "refund", .held = {.since = times[2]}}), Ids{});
  fixture.use(ids[1]);
  ASSERT_EQ(why(fixture.ack(fixture.claim()->fencing_token)), kYes);
  EXPECT_EQ(listed(fixture, {.claimed = true}), Ids{ids[1]});
  EXPECT_EQ(listed(fixture, {.claimed = false, .before = ids[2]}), Ids{ids[0]});
}

}  // namespace
}  // namespace countersign::testing
