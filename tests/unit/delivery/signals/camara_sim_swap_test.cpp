#include "delivery/signals/camara_sim_swap.h"

#include <gmock/gmock.h>

#include "base/json.h"
#include "support/doubles/camara_sim_swap_double.h"
#include "unit/delivery/signals/signal_fixture.h"

namespace countersign::delivery {
namespace {

using namespace testing;
using countersign::testing::CamaraSimSwapDouble;
using countersign::testing::FakeClock;
using countersign::testing::ServerReply;

struct CamaraSimSwapTest : ::testing::Test {
  CamaraSimSwap source(SimSwapOperation operation = SimSwapOperation::kRetrieveDate, std::chrono::hours max_age = 72h) {
    ClientTokenOptions token{.url = carrier.token_url(),
                             .client_id = std::string(CamaraSimSwapDouble::kClient),
                             .client_secret = SecretString(std::string(CamaraSimSwapDouble::kSecret)),
                             .scope = std::string(CamaraSimSwapDouble::kScope),
                             .plain_http = PlainHttp::kAllowed};
    return {http,
            clock,
            std::move(token),
            {.base_url = carrier.base_url(),
             .operation = operation,
             .max_age = max_age,
             .plain_http = PlainHttp::kAllowed}};
  }
  SignalResult ask(SignalSource& from) { return answer_of(from, question); }
  void TearDown() override { EXPECT_THAT(carrier.violations(), ::testing::IsEmpty()); }

  const std::string phone = "+346661113334";
  SignalQuestion question{"TX0123", phone, {}, {}};
  CamaraSimSwapDouble carrier;
  FakeClock clock;
  HttpClient http{{}, system_clock()};
};

TEST_F(CamaraSimSwapTest, SaysWhenTheSimChanged) {
  carrier.set_change(phone, to_rfc3339(clock.now() - 30h));
  auto from = source();
  const auto heard = ask(from);
  ASSERT_TRUE(heard);
  EXPECT_EQ(heard->sim_change, (SimChange{clock.now() - 30h, clock.now() - 30h}));
  const auto request = carrier.server().exchanges().back().request;
  EXPECT_EQ(request.path, "/sim-swap/v2/retrieve-date");
  EXPECT_EQ(request.body, R"({"phoneNumber":"+346661113334"})");
  EXPECT_EQ(request.header("x-correlator"), "TX0123");
}

TEST_F(CamaraSimSwapTest, NullIsNoneWithinTheMonitoredPeriod) {
  carrier.set_change(phone, std::nullopt);
  auto from = source();
  const auto heard = ask(from);
  ASSERT_TRUE(heard);
  EXPECT_EQ(heard->sim_change, std::nullopt);
}

TEST_F(CamaraSimSwapTest, ReadsNanosecondsAndOffsetsAsInTheDescription) {
  carrier.answer_next({200, {}, R"({"latestSimChange":"2024-09-18T07:37:53.471829447Z"})"});
  carrier.answer_next({200, {}, R"({"latestSimChange":"2023-07-03T14:27:08.312+02:00","monitoredPeriod":120})"});
  auto from = source();
  EXPECT_EQ(ask(from)->sim_change->latest, from_rfc3339("2024-09-18T07:37:53.471829Z"));
  EXPECT_EQ(ask(from)->sim_change->latest, from_rfc3339("2023-07-03T12:27:08.312Z"));
}

TEST_F(CamaraSimSwapTest, CheckSaysWithinWhichPeriod) {
  carrier.set_swapped(phone, true);
  auto from = source(SimSwapOperation::kCheck);
  const auto heard = ask(from);
  ASSERT_TRUE(heard);
  EXPECT_EQ(heard->sim_change, (SimChange{clock.now() - 72h, clock.now()}));
  EXPECT_EQ(carrier.server().exchanges().back().request.body, R"({"maxAge":72,"phoneNumber":"+346661113334"})");
  carrier.set_swapped(phone, false);
  EXPECT_EQ(ask(from)->sim_change, std::nullopt);
}

TEST_F(CamaraSimSwapTest, ACarrierThatKeepsLessIsForTheOperator) {
  carrier.set_swapped(phone, true);
  carrier.keep_hours(48);
  auto from = source(SimSwapOperation::kCheck);
  EXPECT_EQ(ask(from).error(), SignalFault::kMisconfigured);
}

TEST_F(CamaraSimSwapTest, WhatTheCarrierDoesNotKnowIsUnknown) {
  auto from = source();
  EXPECT_EQ(ask(from).error(), SignalFault::kNotServed);  // 404 IDENTIFIER_NOT_FOUND
  const auto fault = [&](int status, std::string_view code) {
    carrier.answer_next(CamaraSimSwapDouble::error(status, code));
    return ask(from).error();
  };
  EXPECT_EQ(fault(422, "SERVICE_NOT_APPLICABLE"), SignalFault::kNotServed);
  EXPECT_EQ(fault(422, "MISSING_IDENTIFIER"), SignalFault::kMisconfigured);
  EXPECT_EQ(fault(422, "UNNECESSARY_IDENTIFIER"), SignalFault::kMisconfigured);
  EXPECT_EQ(fault(404, "NOT_FOUND"), SignalFault::kMisconfigured);
  EXPECT_EQ(fault(400, "INVALID_ARGUMENT"), SignalFault::kMisconfigured);
  EXPECT_EQ(fault(403, "PERMISSION_DENIED"), SignalFault::kMisconfigured);
  EXPECT_EQ(fault(429, "QUOTA_EXCEEDED"), SignalFault::kUnavailable);
}

TEST_F(CamaraSimSwapTest, AChangeInTheFutureIsALie) {
  carrier.set_change(phone, to_rfc3339(clock.now() + 11min));
  auto from = source();
  EXPECT_EQ(ask(from).error(), SignalFault::kImplausible);
  // As far as clocks differ, it has just happened.
  carrier.set_change(phone, to_rfc3339(clock.now() + 9min));
  EXPECT_EQ(ask(from)->sim_change->latest, clock.now());
}

TEST_F(CamaraSimSwapTest, KeepsItsTokenAndAsksForAnotherWhenItIsRefused) {
  carrier.set_change(phone, std::nullopt);
  auto from = source();
  EXPECT_TRUE(ask(from));
  EXPECT_TRUE(ask(from));
  EXPECT_EQ(carrier.tokens_granted(), 1);
  carrier.revoke_tokens();
  EXPECT_EQ(ask(from).error(), SignalFault::kMisconfigured);
  EXPECT_TRUE(ask(from));
  EXPECT_EQ(carrier.tokens_granted(), 2);
  clock.advance(1h);
  EXPECT_TRUE(ask(from));
  EXPECT_EQ(carrier.tokens_granted(), 3);
}

TEST_F(CamaraSimSwapTest, NoTokenIsNoAnswer) {
  carrier.set_change(phone, std::nullopt);
  auto from = source();
  for (auto& bad : misbehaviours()) {
    carrier.grant_next(bad.reply);
    EXPECT_EQ(ask(from).error(), bad.fault) << bad.name;
  }
  for (const char* body :
       {R"({"access_token":"a b","token_type":"Bearer"})", R"({"access_token":"a\r\nX: y","token_type":"Bearer"})",
        R"({"access_token":"abc","token_type":"mac"})", R"({"access_token":17,"token_type":"Bearer"})",
        R"({"access_token":"","token_type":"Bearer"})"}) {
    carrier.grant_next({200, {}, body});
    EXPECT_EQ(ask(from).error(), SignalFault::kUnreadable) << body;
  }
  carrier.grant_next({404, {}, "{}"});
  EXPECT_EQ(ask(from).error(), SignalFault::kMisconfigured);
}

TEST_F(CamaraSimSwapTest, ATokenWithoutALifeIsUsedOnce) {
  carrier.set_change(phone, std::nullopt);
  auto from = source();
  carrier.grant_next({200, {}, R"({"access_token":"unknown","token_type":"bearer"})"});
  EXPECT_EQ(ask(from).error(), SignalFault::kMisconfigured);
  EXPECT_TRUE(ask(from));
}

TEST_F(CamaraSimSwapTest, WhateverTheServerDoesItIsUnknown) {
  auto from = source();
  for (auto& bad : misbehaviours()) {
    carrier.answer_next(bad.reply);
    EXPECT_EQ(ask(from).error(), bad.fault) << bad.name;
  }
  for (const char* body : {R"({"latestSimChange":17})", R"({"latestSimChange":"yesterday"})", R"({"swapped":true})"}) {
    carrier.answer_next({200, {}, body});
    EXPECT_EQ(ask(from).error(), SignalFault::kUnreadable) << body;
  }
}

TEST_F(CamaraSimSwapTest, ATokenThatNeverComesEndsInTime) {
  carrier.grant_next({.how = ServerReply::How::kHang});
  auto from = source();
  EXPECT_EQ(answer_of(from, question, 50ms).error(), SignalFault::kTimeout);
}

}  // namespace
}  // namespace countersign::delivery
