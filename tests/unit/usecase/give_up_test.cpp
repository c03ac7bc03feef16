#include "usecase/give_up.h"

#include "script.h"
#include "usecase/show.h"

namespace countersign::testing {
namespace {

std::optional<Code> give_up(House& house) {
  return why(house.in([&](store::Tx& tx, Moment& moment) {
    return usecase::give_up(tx, house.context(), house.caller(), house.current(), moment);
  }));
}

int give_up_overdue(House& house, int limit = 100) {
  return house.in([&](store::Tx& tx, Moment& moment) {
    return usecase::give_up_overdue(tx, house.context(), house.account(), limit, moment);
  });
}

store::Unacknowledged unacknowledged(House& house) {
  return house.in([&](store::Tx& tx, Moment&) { return store::count_unacknowledged(tx, house.account()); });
}

TEST(GiveUp, EndsAClaimThatNobodyWillAcknowledge) {
  House house;
  ASSERT_EQ(why(house.add_endpoint()), kYes);
  verify(house);
  ASSERT_EQ(why(house.claim("a random name that was lost")), kYes);
  EXPECT_EQ(why(house.cancel()), Code::kAlreadyClaimed);
  EXPECT_EQ(give_up(house), kYes);

  EXPECT_FALSE(house.has_payload());
  EXPECT_EQ(house.status(), TransactionStatus::kReleased);
  EXPECT_EQ(house.row().state.end_reason, domain::EndReason::kUnacknowledged);
  EXPECT_EQ(house.row().state.ended_at, house.now());
  EXPECT_EQ(house.events().back(), "transaction.released");
  std::string bodies;
  for (const auto& job : house.due_deliveries()) bodies += job.attempt.body;
  EXPECT_NE(bodies.find(R"("reason":"unacknowledged")"), std::string::npos) << bodies;
  EXPECT_NE(bodies.find(R"("type":"transaction.released")"), std::string::npos) << bodies;
}

TEST(GiveUp, HandsThePayloadToNobodyElse) {
  House house;
  verify(house);
  const auto won = house.claim("worker-1");
  ASSERT_EQ(give_up(house), kYes);
  EXPECT_EQ(why(house.claim("worker-1")), Code::kTransactionNotHeld);
  EXPECT_EQ(why(house.claim("worker-2")), Code::kTransactionNotHeld);
  // The claimer had it after all, and says so: that is no error, and changes nothing.
  EXPECT_EQ(why(house.ack("another's token")), Code::kWrongFencingToken);
  EXPECT_EQ(why(house.ack(won->fencing_token)), kYes);
  EXPECT_EQ(house.row().state.end_reason, domain::EndReason::kUnacknowledged);
  EXPECT_EQ(give_up(house), Code::kTransactionNotHeld);
}

TEST(GiveUp, IsForClaimsAlone) {
  House house;
  house.hold();
  EXPECT_EQ(give_up(house), Code::kNotClaimed);
  verify(house);
  EXPECT_EQ(give_up(house), Code::kNotClaimed);
  EXPECT_TRUE(house.has_payload());
  house.wait(hours(1));
  EXPECT_EQ(give_up(house), Code::kTransactionExpired);
  verify(house);
  ASSERT_EQ(why(house.ack(house.claim()->fencing_token)), kYes);
  EXPECT_EQ(give_up(house), Code::kTransactionNotHeld);
  EXPECT_FALSE(house.row().state.end_reason);
  house.caller().account = AccountId{Id::floor_of(house.now())};
  EXPECT_EQ(give_up(house), Code::kNotFound);
}

TEST(GiveUp, WithoutALimitAClaimWaitsForEver) {
  House house;
  verify(house);
  const auto won = house.claim();
  house.wait(hours(24 * 1000));
  EXPECT_EQ(give_up_overdue(house), 0);
  EXPECT_EQ(why(house.ack(won->fencing_token)), kYes);
}

TEST(GiveUp, TheOperatorsLimitIsCountedFromTheClaim) {
  House house;
  house.settings().acknowledge_within = hours(24);
  verify(house);
  house.wait(minutes(4));
  ASSERT_EQ(why(house.claim()), kYes);
  const auto claimed = house.current();
  verify(house);  // Nobody claims that one; expiry is what ends it.
  house.use(claimed);
  house.wait(hours(24));
  EXPECT_EQ(give_up_overdue(house), 0);
  house.wait(kTick);
  EXPECT_EQ(give_up_overdue(house), 1);
  EXPECT_EQ(house.row().state.end_reason, domain::EndReason::kUnacknowledged);
  EXPECT_EQ(house.all_events().back().actor, "system");
  EXPECT_EQ(give_up_overdue(house), 0);
}

TEST(GiveUp, GoesStepByStep) {
  House house;
  unlimited(house);
  house.settings().acknowledge_within = hours(1);
  for (int i = 0; i < 5; ++i) {
    verify(house);
    ASSERT_EQ(why(house.claim()), kYes);
  }
  house.wait(hours(2));
  EXPECT_EQ(give_up_overdue(house, 3), 3);
  EXPECT_EQ(give_up_overdue(house, 3), 2);
  EXPECT_EQ(give_up_overdue(house, 3), 0);
}

TEST(Unacknowledged, CountsWhatIsClaimedAndNotOver) {
  House house;
  unlimited(house);
  EXPECT_EQ(unacknowledged(house).count, 0);
  EXPECT_FALSE(unacknowledged(house).oldest);
  verify(house);
  EXPECT_EQ(unacknowledged(house).count, 0);
  const auto first = house.claim();
  const auto at = house.now();
  const auto first_id = house.current();
  house.wait(hours(1));
  verify(house);
  ASSERT_EQ(why(house.claim()), kYes);
  EXPECT_EQ(unacknowledged(house).count, 2);
  EXPECT_EQ(unacknowledged(house).oldest, at);
  house.use(first_id);
  ASSERT_EQ(why(house.ack(first->fencing_token)), kYes);
  EXPECT_EQ(unacknowledged(house).count, 1);
  EXPECT_EQ(unacknowledged(house).oldest, house.now());
}

using List = ::testing::Test;

std::vector<TransactionId> listed(House& house, const store::TransactionFilter& filter) {
  const usecase::ListRequest request{filter, std::nullopt};
  const auto list = house.in([&](store::Tx& tx, Moment& moment) {
    return usecase::list_transactions(tx, house.context(), house.caller(), request, moment.now);
  });
  std::vector<TransactionId> ids;
  for (const auto& view : list.views) ids.push_back(view.row.state.id);
  return ids;
}
using Ids = std::vector<TransactionId>;

TEST_F(List, FindsWhatWasClaimedAndNeverAcknowledgedHoweverOldItIs) {
  House house;
  unlimited(house);
  verify(house);
  ASSERT_EQ(why(house.claim()), kYes);
  const auto stuck = house.current();
  house.wait(seconds(1));
  for (int i = 0; i < 2100; ++i) house.hold();  // More than one page looks at.
  verify(house);
  const auto unclaimed = house.current();
  EXPECT_EQ(listed(house, {.status = TransactionStatus::kVerified, .claimed = true}), Ids{stuck});
  EXPECT_EQ(listed(house, {.status = TransactionStatus::kVerified, .claimed = false}), Ids{unclaimed});
  house.use(stuck);
  ASSERT_EQ(give_up(house), kYes);
  EXPECT_EQ(listed(house, {.status = TransactionStatus::kVerified, .claimed = true}), Ids{});
}

TEST_F(List, ByTimeTypeAndClaim) {
  House house;
  unlimited(house);
  Ids ids;
  std::vector<WallTime> times;
  for (const char* type : {"payout", "refund", "payout"}) {
    house.request().type = type;
    verify(house);
    ids.push_back(house.current());
    times.push_back(house.now());
    house.wait(seconds(1));
  }
  EXPECT_EQ(listed(house, {.type = "payout"}), (Ids{ids[2], ids[0]}));
  EXPECT_EQ(listed(house, {.type = "pay"}), Ids{});
  EXPECT_EQ(listed(house, {.held = {.since = times[1]}}), (Ids{ids[2], ids[1]}));
  EXPECT_EQ(listed(house, {.held = {.until = times[1]}}), Ids{ids[0]});
  EXPECT_EQ(listed(house, {.held = {.since = times[1], .until = times[2]}}), Ids{ids[1]});
  EXPECT_EQ(listed(house, {.type = "refund", .held = {.since = times[2]}}), Ids{});
  house.use(ids[1]);
  ASSERT_EQ(why(house.ack(house.claim()->fencing_token)), kYes);
  EXPECT_EQ(listed(house, {.claimed = true}), Ids{ids[1]});
  EXPECT_EQ(listed(house, {.claimed = false, .before = ids[2]}), Ids{ids[0]});
}

}  // namespace
}  // namespace countersign::testing
