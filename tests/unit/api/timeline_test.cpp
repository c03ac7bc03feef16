#include "api/inbox/timeline.h"

#include <gtest/gtest.h>

#include "support/fixture.h"

namespace countersign::testing {
namespace {

// The log of calls learns the time at which a request was read from how long it took, a moment late on a busy machine.
TEST(TimelineOrder, ACallStandsBeforeItsEvents) {
  Fixture fixture;
  fixture.caller().request_id = "0123456789abcdef";
  const auto id = fixture.hold("any");
  api::SeenCall call;
  call.at = fixture.now() + std::chrono::milliseconds(3);
  call.method = http::Method::kPost;
  call.path = "/v1/transactions";
  call.status = 201;
  call.request_id = fixture.caller().request_id;
  const auto timeline = fixture.in([&](store::Tx& tx, Moment& moment) {
    return api::read_timeline(tx, fixture.context(), id.text(), {call}, moment.now);
  });
  ASSERT_TRUE(timeline);
  ASSERT_GE(timeline->entries.size(), 2U);
  EXPECT_EQ(timeline->entries[0].kind, "call");
  EXPECT_EQ(timeline->entries[1].kind, "event");
}

}  // namespace
}  // namespace countersign::testing
