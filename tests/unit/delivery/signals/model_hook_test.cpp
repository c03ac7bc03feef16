#include "delivery/signals/model_hook.h"

#include <gmock/gmock.h>

#include "base/json.h"
#include "unit/delivery/signals/signal_fixture.h"

namespace countersign::delivery {
namespace {

using namespace testing;
using countersign::testing::FakeClock;
using countersign::testing::HttpServer;
using countersign::testing::SeededRandom;
using countersign::testing::ServerReply;
using countersign::testing::ServerRequest;

struct ModelHookTest : ::testing::Test {
  SignalResult ask(const HttpServer& model) {
    ModelHook source(http, clock,
                     {.url = model.url("/score"),
                      .secrets = {secret},
                      .addresses = AddressPolicy::kAny,
                      .plain_http = PlainHttp::kAllowed});
    return answer_of(source, question);
  }

  SignalQuestion question{
      "TX0123", "+447772000001", {{"amount", 39.99}, {"established_days", 12}}, {{"type", "payout.change"}}};
  SeededRandom random;
  crypto::WebhookSecret secret = crypto::WebhookSecret::make(random);
  FakeClock clock;
  HttpClient http{{}, system_clock()};
};

TEST_F(ModelHookTest, PostsFeaturesSignedAndNamesNobody) {
  HttpServer model([](const ServerRequest&) { return ServerReply{200, {}, R"({"score":0.25})"}; });
  const auto heard = ask(model);
  ASSERT_TRUE(heard);
  EXPECT_EQ(heard->score, 0.25);
  const auto request = model.exchanges().at(0).request;
  EXPECT_EQ(request.body,
            R"({"features":{"amount":39.99,"established_days":12},"id":"TX0123","words":{"type":"payout.change"}})");
  EXPECT_TRUE(crypto::verify_webhook(
      {request.header("webhook-id"), request.header("webhook-timestamp"), request.header("webhook-signature")},
      request.body, std::span(&secret, 1), clock.now()));
}

TEST_F(ModelHookTest, TakesAScoreFromZeroToOneAndNothingElse) {
  const auto answered = [&](std::string body) { return read_model_answer(HttpAnswer{200, {}, std::move(body), {}}); };
  EXPECT_EQ(answered(R"({"score":0})")->score, 0);
  EXPECT_EQ(answered(R"({"score":1})")->score, 1);
  EXPECT_EQ(answered(R"({"score":1e-300})")->score, 1e-300);
  for (const char* body : {R"({"score":1.0000001})", R"({"score":-0.1})", R"({"score":99})"})
    EXPECT_EQ(answered(body).error(), SignalFault::kImplausible) << body;
  for (const char* body : {R"({"score":"0.5"})", R"({"score":true})", R"({"score":null})", R"({"score":[0.5]})",
                           R"({"score":0.5,"reason":"x"})", R"({"Score":0.5})", "0.5", R"({"score":1e999})",
                           R"({"score":NaN})", "{\"score\":0.5}garbage"})
    EXPECT_EQ(answered(body).error(), SignalFault::kUnreadable) << body;
}

TEST_F(ModelHookTest, WhateverTheServerDoesItIsUnknown) {
  for (auto& bad : misbehaviours()) {
    HttpServer model([&](const ServerRequest&) { return bad.reply; });
    EXPECT_EQ(ask(model).error(), bad.fault) << bad.name;
  }
}

TEST_F(ModelHookTest, ByDefaultReachesPublicAddressesOnly) {
  HttpServer model([](const ServerRequest&) { return ServerReply{200, {}, R"({"score":0})"}; });
  ModelHook source(http, clock, {.url = model.url("/"), .secrets = {secret}, .plain_http = PlainHttp::kAllowed});
  EXPECT_EQ(answer_of(source, question).error(), SignalFault::kMisconfigured);
  EXPECT_EQ(model.connections(), 0u);
}

}  // namespace
}  // namespace countersign::delivery
