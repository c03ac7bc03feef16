#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "main/config/metadata_file.h"
#include "server/running_server.h"
#include "support/http_caller.h"
#include "unit/webauthn/metadata_publisher.h"

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

// From the start, and again after each reload: what is shown is what is in use.
TEST(Figures, OfTheMetadataInUse) {
  const auto now = system_clock().now();
  const webauthn::testing::Publisher fido(now);
  const auto path = std::filesystem::temp_directory_path() / fmt::format("countersign-blob-{}.jwt", ::getpid());
  const auto publish = [&](std::string_view blob) { std::ofstream(path, std::ios::trunc) << blob; };
  const auto file = std::make_shared<main::MetadataFile>(path, fido.trust());
  publish(fido.blob(1, "", "2026-01-15"));
  ASSERT_TRUE(file->read(now));
  RunningServer server([&](main::Config& config) {
    auto& service = config.services.front();
    if (!service.webauthn) service.webauthn.emplace();
    service.webauthn->metadata = file;
  });
  const auto shows = [&](std::string_view unix_time) {
    const std::string line = fmt::format(
        "countersign_passkey_metadata_next_update_timestamp_seconds{{account=\"default\",service=\"default\"}} {}\n",
        unix_time);
    const auto text = HttpCaller(server.metrics_url(), "").get("/metrics").body;
    EXPECT_THAT(text, HasSubstr(line));
  };
  shows("1768435200");
  publish(fido.blob(2, "", "2026-02-15"));
  EXPECT_TRUE(server.reload());
  shows("1771113600");
  publish("x");
  EXPECT_FALSE(server.reload());
  shows("1771113600");
  std::filesystem::remove(path);
}

// A service without metadata has nothing that could be old.
TEST(Figures, OfNoMetadata) {
  const RunningServer server;
  EXPECT_THAT(HttpCaller(server.metrics_url(), "").get("/metrics").body,
              Not(HasSubstr("countersign_passkey_metadata_next_update_timestamp_seconds{")));
}

}  // namespace
}  // namespace countersign::testing
