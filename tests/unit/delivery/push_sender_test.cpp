#include "delivery/push_sender.h"

#include <gtest/gtest.h>

#include "support/doubles/push_service_double.h"
#include "support/fake_time.h"
#include "unit/delivery/http_fixture.h"

namespace countersign::delivery {
namespace {

using namespace testing;
using countersign::testing::HttpServer;
using countersign::testing::PushServiceDouble;
using countersign::testing::SeededRandom;
using countersign::testing::ServerReply;
using countersign::testing::ServerRequest;

const WallTime kPushedAt = *from_rfc3339("2026-11-22T12:00:00Z");
constexpr std::string_view kSecretEndpoint = "https://push.example.net/p/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV";

PushOutcome judged(int status, HttpHeaders headers = {}, std::string body = "") {
  return judge_push_answer(HttpResult(HttpAnswer{status, std::move(headers), std::move(body), 5ms}), kSecretEndpoint,
                           kPushedAt);
}

TEST(JudgePush, WhatAnAnswerMeans) {
  for (const int status : {200, 201, 202, 204}) EXPECT_EQ(judged(status).verdict, PushVerdict::kAccepted) << status;
  for (const int status : {404, 410}) EXPECT_EQ(judged(status).verdict, PushVerdict::kGone) << status;
  for (const int status : {429, 500, 502, 503}) EXPECT_EQ(judged(status).verdict, PushVerdict::kRetry) << status;
  for (const int status : {301, 307, 400, 401, 403, 413})
    EXPECT_EQ(judged(status).verdict, PushVerdict::kRefused) << status;
  EXPECT_EQ(judged(429, {{"retry-after", "17"}}).retry_after, 17s);
  EXPECT_EQ(judged(503, {{"retry-after", "Sun, 22 Nov 2026 12:01:00 GMT"}}).retry_after, 60s);
}

TEST(JudgePush, NoAnswerIsTriedAgainUnlessTheEndpointIsAtFault) {
  const auto verdict = [](HttpFault fault) {
    return judge_push_answer(HttpResult(fail(HttpError{fault, "detail", true})), kSecretEndpoint, kPushedAt).verdict;
  };
  for (const auto fault : {HttpFault::kTimeout, HttpFault::kConnect, HttpFault::kResolve, HttpFault::kTls,
                           HttpFault::kTooLarge, HttpFault::kOverloaded, HttpFault::kShutDown})
    EXPECT_EQ(verdict(fault), PushVerdict::kRetry) << name_of(fault);
  EXPECT_EQ(verdict(HttpFault::kRefusedAddress), PushVerdict::kRefused);
  EXPECT_EQ(verdict(HttpFault::kOther), PushVerdict::kRefused);
}

TEST(JudgePush, TheLogSaysWhyAndNotWhere) {
  EXPECT_EQ(judged(403, {}, R"({"reason":"BadJwtToken"})").detail, R"(HTTP status 403: {"reason":"BadJwtToken"})");
  EXPECT_EQ(judged(410, {}, "no /p/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV here").detail,
            "HTTP status 410: no [endpoint] here");
  EXPECT_EQ(judged(400, {}, "a\nb\x1b[2Jc\xC3\xA9").detail, "HTTP status 400: a b [2Jc  ");
  EXPECT_EQ(judged(400, {}, std::string(5000, 'x')).detail, "HTTP status 400: " + std::string(200, 'x'));
  // An endpoint at the edge of what is shown is not shown by halves.
  const auto edge = judged(400, {}, std::string(190, 'x') + "/p/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV").detail;
  EXPECT_EQ(edge.find("JzLQ"), std::string::npos) << edge;
  EXPECT_EQ(judged(201, {}, "anything").detail, "HTTP status 201");
}

TEST(PushEndpoint, JudgedLikeAWebhook) {
  const PushEndpointRules strict;
  EXPECT_EQ(read_push_endpoint(kSecretEndpoint, strict).value(), kSecretEndpoint);
  for (const std::string_view bad :
       {"http://push.example.net/p", "https://127.0.0.1/p", "https://10.0.0.1/p", "https://[::1]/p",
        "https://169.254.169.254/latest", "https://localhost/p", "https://user:pw@push.example.net/p", "ftp://x/p", ""})
    EXPECT_FALSE(read_push_endpoint(bad, strict)) << bad;
}

TEST(PushEndpoint, OnlyHostsOfTheListIfThereIsOne) {
  const PushEndpointRules listed{.hosts = {"fcm.googleapis.com", ".push.apple.com"}};
  EXPECT_TRUE(read_push_endpoint("https://fcm.googleapis.com/fcm/send/x", listed));
  EXPECT_TRUE(read_push_endpoint("https://FCM.googleapis.com:443/fcm/send/x", listed));
  EXPECT_TRUE(read_push_endpoint("https://web.push.apple.com/x", listed));
  for (const std::string_view bad :
       {"https://evil.example/fcm.googleapis.com", "https://xfcm.googleapis.com/", "https://.push.apple.com/",
        "https://notpush.apple.com/", "https://push.apple.com/"})
    EXPECT_FALSE(read_push_endpoint(bad, listed)) << bad;
}

TEST(PushEndpoint, TheOriginIsThatOfBrowsers) {
  EXPECT_EQ(origin_of_endpoint("https://Push.Example.net/p/x?y=z"), "https://push.example.net");
  EXPECT_EQ(origin_of_endpoint("https://push.example.net:443/p"), "https://push.example.net");
  EXPECT_EQ(origin_of_endpoint("https://push.example.net:8443/p"), "https://push.example.net:8443");
  EXPECT_EQ(origin_of_endpoint("https://[2001:db8::1]:8443/p"), "https://[2001:db8::1]:8443");
}

TEST(PushEndpoint, IsNearbyWhereNothingLeavesTheNetwork) {
  for (const auto* near : {"http://localhost:8080/p", "http://LocalHost/p", "http://127.0.0.1:9/p",
                           "https://10.1.2.3/p", "https://[::1]:8443/p", "https://[fd00::1]/p"})
    EXPECT_TRUE(is_nearby_endpoint(near)) << near;
  for (const auto* far : {"https://fcm.googleapis.com/p", "https://localhost.example.net/p", "https://8.8.8.8/p",
                          "https://[2606:4700::1111]/p", "https://web.push.apple.com/127.0.0.1"})
    EXPECT_FALSE(is_nearby_endpoint(far)) << far;
}

struct PushSenderTest : ::testing::Test {
  static crypto::VapidKey key_of(unsigned seed) {
    SeededRandom random(seed);
    return {crypto::SigningKey::generate(crypto::JwsAlgorithm::kEs256, random), "mailto:ops@countersign.dev"};
  }
  PushOutcome send(const PushServiceDouble::Subscribed& device, const crypto::VapidKey& key,
                   std::string text = R"({"web_push":8030})") {
    return send_to(device.endpoint, device, key.point(), std::move(text));
  }
  PushOutcome send_to(const std::string& endpoint, const PushServiceDouble::Subscribed& device, std::string key,
                      std::string text = "x") {
    PushSender sender(http, system_clock(), system_random(), {current, previous}, options);
    auto [done, outcome] = promised<PushOutcome>();
    sender.send({.endpoint = endpoint,
                 .to = *crypto::PushRecipient::read(device.p256dh, device.auth),
                 .key = std::move(key),
                 .text = std::move(text),
                 .topic = "prompt-1",
                 .ttl = std::chrono::seconds(300)},
                std::move(done));
    return wait_for(outcome);
  }

  crypto::VapidKey current = key_of(1);
  crypto::VapidKey previous = key_of(2);
  PushServiceDouble service;
  HttpClient http{{}, system_clock()};
  PushSenderOptions options{.rules = {.addresses = AddressPolicy::kAny, .plain_http = PlainHttp::kAllowed}};
};

TEST_F(PushSenderTest, TheDeviceReadsIt) {
  const auto device = service.subscribe(current.point());
  const std::string text = R"({"web_push":8030,"notification":{"title":"Olá","navigate":"https://x.example/p/1"}})";
  const auto outcome = send(device, current, text);
  EXPECT_EQ(outcome.verdict, PushVerdict::kAccepted) << outcome.detail;
  EXPECT_EQ(outcome.status, 201);
  const auto received = service.received();
  ASSERT_EQ(received.size(), 1U);
  EXPECT_EQ(received[0].text, text);
  EXPECT_EQ(received[0].topic, "prompt-1");
  EXPECT_EQ(received[0].urgency, "high");
  EXPECT_EQ(received[0].ttl, 300);
  EXPECT_TRUE(service.faults().empty());
  EXPECT_EQ(service.server().exchanges()[0].request.body.find("notification"), std::string::npos);
}

TEST_F(PushSenderTest, ADeviceOfThePreviousKeyIsSentWithThatKey) {
  const auto device = service.subscribe(previous.point());
  EXPECT_EQ(send(device, previous).verdict, PushVerdict::kAccepted);
  const auto wrong = send(device, current);
  EXPECT_EQ(wrong.verdict, PushVerdict::kRefused);
  EXPECT_EQ(wrong.detail, R"(HTTP status 403: {"reason":"VapidPkHashMismatch"})");
}

TEST_F(PushSenderTest, AKeyThatIsLostIsSaid) {
  const auto device = service.subscribe(current.point());
  const auto outcome = send_to(device.endpoint, device, std::string(65, 'x'));
  EXPECT_EQ(outcome.verdict, PushVerdict::kRefused);
  EXPECT_EQ(outcome.detail, "subscribed with a key that is not in the configuration");
  EXPECT_TRUE(service.server().exchanges().empty());
}

TEST_F(PushSenderTest, ASubscriptionThatIsOverIsGone) {
  const auto device = service.subscribe(current.point());
  service.end(device.endpoint);
  EXPECT_EQ(send(device, current).verdict, PushVerdict::kGone);
}

TEST_F(PushSenderTest, InnerAddressesAndRedirectsAreNotFollowed) {
  const auto device = service.subscribe(current.point());
  options.rules = {};
  EXPECT_EQ(send(device, current).verdict, PushVerdict::kRefused);
  EXPECT_TRUE(service.server().exchanges().empty());
  options.rules = {.addresses = AddressPolicy::kAny, .plain_http = PlainHttp::kAllowed};
  HttpServer inner([](const ServerRequest&) { return ServerReply{201}; });
  service.answer_next({.status = 307, .headers = {{"Location", inner.url("/")}}});
  EXPECT_EQ(send(device, current).verdict, PushVerdict::kRefused);
  EXPECT_TRUE(inner.exchanges().empty());
}

TEST_F(PushSenderTest, ABusyServiceSaysWhen) {
  const auto device = service.subscribe(current.point());
  service.answer_next({.status = 429, .headers = {{"Retry-After", "20"}}});
  const auto outcome = send(device, current);
  EXPECT_EQ(outcome.verdict, PushVerdict::kRetry);
  EXPECT_EQ(outcome.retry_after, 20s);
  EXPECT_EQ(send(device, current).verdict, PushVerdict::kAccepted);
}

}  // namespace
}  // namespace countersign::delivery
