#include <gmock/gmock.h>

#include <chrono>
#include <thread>

#include "server/running_server.h"
#include "support/http_caller.h"

namespace countersign::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// Until the courier and the sweeper have been there.
std::string figures_with(const RunningServer& server, std::string_view wanted) {
  HttpCaller caller(server.metrics_url(), "");
  std::string text;
  for (int poll = 0; poll < 6000; ++poll) {
    text = caller.get("/metrics").body;
    if (text.find(wanted) != std::string::npos) return text;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return text;
}

// From the hold to the claim over real HTTP, as Prometheus then sees it.
TEST(Figures, OfOneApproval) {
  RunningServer server;
  const auto transaction = server.verified();
  ASSERT_EQ(server.caller().post(transaction + "/claim").status, 200);
  const std::string text = figures_with(server, "countersign_queue_oldest_due_timestamp_seconds{queue=\"webhooks\"}");
  EXPECT_THAT(text, HasSubstr("countersign_verifications_started_total{account=\"default\",channel=\"sms\","
                              "country=\"BR\",service=\"default\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("countersign_verifications_approved_total{account=\"default\",channel=\"sms\","
                              "country=\"BR\",service=\"default\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("countersign_claims_total{account=\"default\",channel=\"sms\",service=\"default\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("countersign_message_acceptance_seconds_count{account=\"default\",channel=\"sms\","
                              "country=\"BR\",service=\"default\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("countersign_events_total{account=\"default\",service=\"default\","
                              "type=\"transaction.claimed\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("countersign_build_info{"));
  EXPECT_THAT(text, Not(HasSubstr("551198765")));
  EXPECT_THAT(text, Not(HasSubstr("person-")));
}

}  // namespace
}  // namespace countersign::testing
