#include "delivery/providers/http_hook.h"

#include <gmock/gmock.h>

#include "base/json.h"
#include "unit/delivery/provider_fixture.h"

namespace countersign::delivery {
namespace {

using namespace testing;
using countersign::testing::FakeClock;
using countersign::testing::HttpServer;
using countersign::testing::SeededRandom;
using countersign::testing::ServerReply;
using countersign::testing::ServerRequest;

struct HttpHookTest : ::testing::Test {
  Result<Accepted, ProviderError> send(const HttpServer& hook, OutgoingMessage message) {
    HttpHookOptions options{.url = hook.url("/deliver?tenant=7"),
                            .secrets = {secret},
                            .channels = {Channel::kSms, Channel::kEmail},
                            .addresses = AddressPolicy::kAny,
                            .plain_http = PlainHttp::kAllowed,
                            .timeout = 30s};
    auto [done, result] = promised<Result<Accepted, ProviderError>>();
    HttpHook(http, clock, options).send(std::move(message), std::move(done));
    return wait_for(result);
  }
  OutgoingMessage sms() { return message_to("+15017122661", Channel::kSms, clock.now() + 10min); }

  SeededRandom random;
  crypto::WebhookSecret secret = crypto::WebhookSecret::make(random);
  FakeClock clock;
  HttpClient http{{}, system_clock()};
};

TEST_F(HttpHookTest, PostsTheSignedMessage) {
  HttpServer hook([](const ServerRequest&) { return ServerReply{202}; });
  const auto message = sms();
  const auto accepted = send(hook, message);
  ASSERT_TRUE(accepted);
  EXPECT_EQ(accepted->provider_ref, message.id.text());

  const auto request = hook.exchanges().at(0).request;
  EXPECT_EQ(request.path, "/deliver?tenant=7");
  EXPECT_EQ(request.header("content-type"), "application/json");
  EXPECT_EQ(request.header("webhook-id"), message.id.text());
  EXPECT_TRUE(crypto::verify_webhook(
      {request.header("webhook-id"), request.header("webhook-timestamp"), request.header("webhook-signature")},
      request.body, std::span(&secret, 1), clock.now()));
  EXPECT_EQ(request.body,
            "{\"body\":\"Acme: 482913 authorises 39,99 € to Zoë & Co.\",\"channel\":\"sms\","
            "\"code\":\"482913\",\"expires_at\":\"2026-11-22T12:10:00.000Z\",\"id\":\"" +
                message.id.text() + "\",\"locale\":\"pt-BR\",\"to\":\"+15017122661\"}");
}

TEST_F(HttpHookTest, AnEmailHasASubject) {
  HttpServer hook([](const ServerRequest&) { return ServerReply{200}; });
  auto message = message_to("person@example.com", Channel::kEmail, clock.now() + 10min);
  message.subject = "Your code";
  ASSERT_TRUE(send(hook, std::move(message)));
  const auto body = parse_json(hook.exchanges().at(0).request.body);
  ASSERT_TRUE(body);
  EXPECT_EQ(json_text(body->as_object(), "subject"), "Your code");
  EXPECT_EQ(json_text(body->as_object(), "channel"), "email");
}

TEST_F(HttpHookTest, TheHookMayNameItsReference) {
  const auto ref_of = [this](std::string body) {
    HttpServer hook([&](const ServerRequest&) { return ServerReply{200, {}, body}; });
    return send(hook, sms())->provider_ref;
  };
  const auto own = sms().id.text();
  EXPECT_EQ(ref_of(R"({"ref":"gateway-17"})"), "gateway-17");
  for (const char* body : {"", "ok", "[]", "{}", R"({"ref":17})", R"({"ref":""})"})
    EXPECT_EQ(ref_of(body), own) << body;
  EXPECT_EQ(ref_of(R"({"ref":")" + std::string(129, 'x') + R"("})"), own);
}

TEST_F(HttpHookTest, FourHundredsAreFinalAndTheRestIsTriedAgain) {
  const auto error_of = [this](int status, countersign::testing::Headers headers = {}) {
    HttpServer hook([&](const ServerRequest&) { return ServerReply{status, headers}; });
    return send(hook, sms()).error();
  };
  for (const int status : {301, 307, 400, 401, 403, 404, 410, 422})
    EXPECT_FALSE(is_retryable(error_of(status))) << status;
  for (const int status : {429, 500, 502, 503, 504}) EXPECT_TRUE(is_retryable(error_of(status))) << status;
  EXPECT_EQ(error_of(503, {{"Retry-After", "9"}}).retry_after, 9s);
}

TEST_F(HttpHookTest, DroppedConnectionsAreTriedAgain) {
  HttpServer hook([](const ServerRequest&) { return ServerReply{.how = ServerReply::How::kDrop}; });
  const auto result = send(hook, sms());
  ASSERT_FALSE(result);
  EXPECT_TRUE(is_retryable(result.error()));
  EXPECT_TRUE(result.error().maybe_sent);
}

TEST_F(HttpHookTest, ByDefaultReachesPublicAddressesOnly) {
  HttpServer hook([](const ServerRequest&) { return ServerReply{200}; });
  HttpHookOptions options{.url = hook.url("/"), .secrets = {secret}, .channels = {Channel::kSms}};
  options.plain_http = PlainHttp::kAllowed;
  auto [done, result] = promised<Result<Accepted, ProviderError>>();
  HttpHook provider(http, clock, options);
  provider.send(sms(), std::move(done));
  EXPECT_EQ(wait_for(result).error().fault, Fault::kMisconfigured);
  EXPECT_EQ(hook.connections(), 0u);
  EXPECT_TRUE(provider.supports(Channel::kSms));
  EXPECT_FALSE(provider.supports(Channel::kEmail));
}

}  // namespace
}  // namespace countersign::delivery
