#include "delivery/webhook_sender.h"

#include <gtest/gtest.h>

#include "support/fake_time.h"
#include "unit/delivery/http_fixture.h"

namespace countersign::delivery {
namespace {

using namespace testing;
using countersign::testing::FakeClock;
using countersign::testing::HttpServer;
using countersign::testing::SeededRandom;
using countersign::testing::ServerReply;
using countersign::testing::ServerRequest;
using crypto::WebhookSecret;

const WallTime kSentAt = *from_rfc3339("2026-11-22T12:00:00Z");

WebhookOutcome judge(int status, HttpHeaders headers = {}) {
  return judge_webhook_answer(HttpResult(HttpAnswer{status, std::move(headers), "", 5ms}), kSentAt);
}

TEST(JudgeWebhook, OnlyTwoHundredsSucceed) {
  for (const int status : {200, 201, 202, 204, 299}) EXPECT_EQ(judge(status).verdict, WebhookVerdict::kDelivered);
  for (const int status : {301, 302, 304, 307, 400, 401, 404, 409, 422, 500, 501, 503}) {
    EXPECT_EQ(judge(status).verdict, WebhookVerdict::kRetry) << status;
  }
  for (const int status : {429, 502, 504}) EXPECT_EQ(judge(status).verdict, WebhookVerdict::kSlowDown) << status;
  EXPECT_EQ(judge(410).verdict, WebhookVerdict::kEndpointGone);
  EXPECT_EQ(judge(503).status, 503);
  EXPECT_EQ(judge(200).duration, 5ms);
}

TEST(JudgeWebhook, PassesRetryAfterOn) {
  EXPECT_EQ(judge(503, {{"retry-after", "17"}}).retry_after, 17s);
  EXPECT_EQ(judge(429, {{"retry-after", "Sun, 22 Nov 2026 12:01:00 GMT"}}).retry_after, 60s);
  EXPECT_EQ(judge(503, {{"retry-after", "later"}}).retry_after, std::nullopt);
}

TEST(JudgeWebhook, NoAnswerIsTriedAgain) {
  for (const auto fault : {HttpFault::kTimeout, HttpFault::kConnect, HttpFault::kResolve, HttpFault::kTls,
                           HttpFault::kRefusedAddress, HttpFault::kTooLarge, HttpFault::kOverloaded}) {
    const auto outcome = judge_webhook_answer(HttpResult(fail(HttpError{fault, "detail", true})), kSentAt);
    EXPECT_EQ(outcome.verdict, WebhookVerdict::kRetry);
    EXPECT_EQ(outcome.status, std::nullopt);
    EXPECT_EQ(outcome.detail, std::string(name_of(fault)) + ": detail");
  }
}

struct WebhookSenderTest : ::testing::Test {
  WebhookOutcome send(const std::string& url, WebhookSenderOptions options) {
    WebhookSender sender(http, clock, options);
    auto [done, outcome] = promised<WebhookOutcome>();
    sender.send({url, {old_secret, new_secret}, "WD1", R"({"type":"transaction.verified"})"}, std::move(done));
    return wait_for(outcome);
  }

  SeededRandom random;
  WebhookSecret old_secret = WebhookSecret::make(random);
  WebhookSecret new_secret = WebhookSecret::make(random);
  FakeClock clock;
  HttpClient http{{}, system_clock()};
  WebhookSenderOptions local{.addresses = AddressPolicy::kAny, .plain_http = PlainHttp::kAllowed};
};

TEST_F(WebhookSenderTest, SignsWithEverySecret) {
  HttpServer endpoint([](const ServerRequest&) { return ServerReply{204}; });
  EXPECT_EQ(send(endpoint.url("/hook"), local).verdict, WebhookVerdict::kDelivered);

  const auto request = endpoint.exchanges().at(0).request;
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.header("content-type"), "application/json");
  EXPECT_EQ(request.header("webhook-id"), "WD1");
  EXPECT_EQ(request.body, R"({"type":"transaction.verified"})");
  const crypto::WebhookHeaders headers{request.header("webhook-id"), request.header("webhook-timestamp"),
                                       request.header("webhook-signature")};
  for (const auto& secret : {old_secret, new_secret}) {
    EXPECT_TRUE(crypto::verify_webhook(headers, request.body, std::span(&secret, 1), clock.now()));
  }
  const auto stranger = WebhookSecret::make(random);
  EXPECT_FALSE(crypto::verify_webhook(headers, request.body, std::span(&stranger, 1), clock.now()));
}

TEST_F(WebhookSenderTest, ARepetitionKeepsTheIdAndTakesANewTime) {
  HttpServer endpoint([](const ServerRequest&) { return ServerReply{500}; });
  static_cast<void>(send(endpoint.url("/hook"), local));
  clock.advance(5min);
  static_cast<void>(send(endpoint.url("/hook"), local));
  const auto exchanges = endpoint.exchanges();
  const auto& first = exchanges.at(0).request;
  const auto& second = exchanges.at(1).request;
  EXPECT_EQ(first.header("webhook-id"), second.header("webhook-id"));
  EXPECT_EQ(first.body, second.body);
  EXPECT_EQ(std::stoll(std::string(second.header("webhook-timestamp"))),
            std::stoll(std::string(first.header("webhook-timestamp"))) + 300);
  EXPECT_NE(first.header("webhook-signature"), second.header("webhook-signature"));
}

TEST_F(WebhookSenderTest, FollowsNoRedirect) {
  HttpServer elsewhere([](const ServerRequest&) { return ServerReply{200}; });
  HttpServer endpoint([&](const ServerRequest&) { return ServerReply{307, {{"Location", elsewhere.url("/")}}}; });
  const auto outcome = send(endpoint.url("/hook"), local);
  EXPECT_EQ(outcome.verdict, WebhookVerdict::kRetry);
  EXPECT_EQ(outcome.status, 307);
  EXPECT_TRUE(elsewhere.exchanges().empty());
}

TEST_F(WebhookSenderTest, ByDefaultReachesPublicHttpsOnly) {
  HttpServer endpoint([](const ServerRequest&) { return ServerReply{200}; });
  EXPECT_EQ(send(endpoint.url("/hook"), {}).verdict, WebhookVerdict::kRetry);
  EXPECT_EQ(send(endpoint.url("/hook"), {.plain_http = PlainHttp::kAllowed}).verdict, WebhookVerdict::kRetry);
  EXPECT_EQ(endpoint.connections(), 0u);
}

}  // namespace
}  // namespace countersign::delivery
