// What is queued in a database that two nodes work on: one of them takes each thing, and if it dies, the other one
// does.

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <set>
#include <thread>

#include "store/postgres/postgres_store.h"
#include "support/fixture.h"
#include "support/patient_options.h"
#include "support/postgres_cluster.h"
#include "usecase/verify_api/hooks.h"

namespace countersign::testing {
namespace {

using delivery::WebhookVerdict;
using std::chrono::hours;
using std::chrono::seconds;

constexpr Duration kTick{1};
const delivery::Accepted kAccepted{"SM1"};

/// Two houses over one database, with their clocks in step.
class Leases : public ::testing::TestWithParam<bool> {
 protected:
  Leases() {
    b.settings().node = "node-2";
    static_cast<void>(b.random().bytes(5));  // Out of step, so that ids differ.
  }

  std::unique_ptr<store::Store> open() const {
    auto store = store::open_postgres(patient_options(url_, GetParam()));
    CS_CHECK(store.has_value());
    return *std::move(store);
  }
  void wait(Duration by) {
    a.wait(by);
    b.wait(by);
  }
  /// Held, sent and proved at `fixture`.
  static void verify(Fixture& fixture) {
    fixture.hold();
    ASSERT_EQ(why(fixture.start()), kYes);
    ASSERT_EQ(why(fixture.check(fixture.code())), kYes);
  }

  const std::string url_ = PostgresCluster::shared().new_database();

 public:
  Fixture a{open()};
  Fixture b{open()};
};

TEST_P(Leases, MessageOfADeadNodeIsSentByTheOther) {
  a.hold();
  ASSERT_EQ(why(a.start()), kYes);  // Handed over to node 1, which dies before it has sent it.
  wait(seconds(60) - kTick);
  EXPECT_TRUE(b.due_messages().empty());
  wait(kTick);
  const auto taken = b.due_messages();
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(taken[0].id, a.sent().back().id);
  EXPECT_TRUE(a.due_messages().empty());
  b.finish(taken[0], kAccepted);
  EXPECT_EQ(a.message(taken[0].id)->status, "sent");
  // The first one was only slow: what it reports now changes nothing.
  a.finish(a.sent().back(), fail(unavailable()));
  EXPECT_EQ(b.message(taken[0].id)->status, "sent");
  wait(hours(1));
  EXPECT_TRUE(a.due_messages().empty());
  EXPECT_TRUE(b.due_messages().empty());
}

TEST_P(Leases, WebhookOfADeadNodeIsSentByTheOtherUnderTheSameId) {
  ASSERT_EQ(why(a.add_endpoint()), kYes);
  verify(a);
  const auto first = a.due_deliveries();
  ASSERT_EQ(first.size(), 1U);
  wait(seconds(60) - kTick);
  EXPECT_TRUE(b.due_deliveries().empty());
  wait(kTick);
  const auto second = b.due_deliveries();
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0].attempt.id, first[0].attempt.id);
  EXPECT_EQ(second[0].attempt.body, first[0].attempt.body);
  b.finish(second[0], WebhookVerdict::kDelivered, 204);
  a.finish(first[0], WebhookVerdict::kRetry, 500);
  wait(hours(100));
  EXPECT_TRUE(a.due_deliveries().empty());
  EXPECT_TRUE(b.due_deliveries().empty());
}

TEST_P(Leases, TwoThatLookAtOnceShareWhatIsDue) {
  constexpr int kWebhooks = 40;
  ASSERT_EQ(why(a.add_endpoint()), kYes);
  for (int i = 0; i < kWebhooks; ++i) {
    a.request().identity = fmt::format("person-{}", i);
    a.request().contacts = {{Channel::kSms, fmt::format("+55119876543{:02}", i)}};
    verify(a);
  }
  const auto take_all = [](Fixture& fixture, std::vector<std::string>& taken) {
    while (true) {
      const auto due = fixture
                           .in([&](store::Tx& tx, Moment& moment) {
                             return usecase::lease_due_deliveries(tx, fixture.context(), 3, moment,
                                                                  usecase::verify_api::hook_attempt);
                           })
                           .jobs;
      if (due.empty()) return;
      for (const auto& job : due) taken.push_back(job.attempt.id);
    }
  };
  std::vector<std::string> of_a;
  std::vector<std::string> of_b;
  std::thread other([&] { take_all(b, of_b); });
  take_all(a, of_a);
  other.join();
  std::set<std::string> all(of_a.begin(), of_a.end());
  all.insert(of_b.begin(), of_b.end());
  EXPECT_EQ(of_a.size() + of_b.size(), static_cast<std::size_t>(kWebhooks));
  EXPECT_EQ(all.size(), static_cast<std::size_t>(kWebhooks));
}

TEST_P(Leases, LapsedTransactionIsExpiredOnce) {
  a.hold();
  b.use(a.current());
  wait(hours(48));
  int expired = 0;
  std::thread other([&] { expired = b.expire(); });
  const int here = a.expire();
  other.join();
  EXPECT_EQ(here + expired, 1);
  const auto events = a.events();
  EXPECT_EQ(std::count(events.begin(), events.end(), "transaction.expired"), 1);
}

INSTANTIATE_TEST_SUITE_P(Nodes, Leases, ::testing::Values(true, false),
                         [](const auto& each) { return each.param ? "in_turns" : "without_turns"; });

}  // namespace
}  // namespace countersign::testing
