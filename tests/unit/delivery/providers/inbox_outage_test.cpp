#include "delivery/providers/inbox_outage.h"

#include <gtest/gtest.h>

#include "delivery/providers/inbox.h"
#include "support/fake_time.h"
#include "unit/delivery/provider_fixture.h"

namespace countersign::delivery {
namespace {

using namespace testing;

using Sent = Result<Accepted, ProviderError>;

class OutageTest : public ::testing::Test {
 protected:
  /// What came of a message; nothing yet.
  std::shared_ptr<std::optional<Sent>> send() {
    auto came = std::make_shared<std::optional<Sent>>();
    inbox_.send(message_to("+15017122661", Channel::kSms, *from_rfc3339("2026-11-22T12:10:00Z")),
                [came](Sent result) { *came = std::move(result); });
    return came;
  }

  std::size_t kept_ = 0;
  InboxOutage outage_{system_clock()};
  Inbox inbox_{[this](const OutgoingMessage&, auto kept) {
                 ++kept_;
                 kept(true);
               },
               &outage_};
};

TEST_F(OutageTest, AnswersWhileThereIsNone) {
  EXPECT_TRUE(send()->value().has_value());
  outage_.set(Outage::kFails);
  outage_.set(Outage::kNone);
  EXPECT_TRUE(send()->value().has_value());
  EXPECT_EQ(kept_, 2U);
}

TEST_F(OutageTest, FailsAsAProviderInTroubleDoes) {
  outage_.set(Outage::kFails);
  const auto error = send()->value().error();
  EXPECT_TRUE(is_retryable(error));
  EXPECT_TRUE(error.outage) << "the circuit breaker counts it";
  EXPECT_FALSE(error.maybe_sent);
  EXPECT_EQ(kept_, 0U);
}

TEST_F(OutageTest, RefusesForGood) {
  outage_.set(Outage::kRefuses);
  const auto error = send()->value().error();
  EXPECT_FALSE(is_retryable(error));
  EXPECT_FALSE(error.outage);
  EXPECT_EQ(kept_, 0U);
}

TEST_F(OutageTest, HangsUntilItIsTakenBack) {
  outage_.set(Outage::kHangs);
  const auto came = send();
  EXPECT_FALSE(came->has_value());
  outage_.set(Outage::kNone);
  ASSERT_TRUE(came->has_value());
  EXPECT_TRUE(came->value().error().maybe_sent) << "nobody knows";
  EXPECT_EQ(kept_, 0U);
}

TEST_F(OutageTest, AnswersAllThatHangsWhenTheServerStops) {
  outage_.set(Outage::kHangs);
  const auto came = send();
  outage_.stop();
  EXPECT_TRUE(came->has_value());
  EXPECT_TRUE(send()->has_value()) << "nothing hangs from then on";
}

TEST(Outage, IsNamedInForms) {
  for (const auto outage : {Outage::kNone, Outage::kFails, Outage::kRefuses, Outage::kHangs})
    EXPECT_EQ(parse_outage(to_text(outage)), outage);
  EXPECT_EQ(parse_outage("on"), std::nullopt);
}

}  // namespace
}  // namespace countersign::delivery
