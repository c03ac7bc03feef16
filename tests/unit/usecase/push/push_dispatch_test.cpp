#include "usecase/outbox/push_dispatch.h"

#include <mutex>
#include <thread>

#include "base/encoding.h"
#include "support/doubles/push_service_double.h"
#include "tests/unit/usecase/push/device_holder.h"
#include "usecase/push/signed_text.h"

namespace countersign::testing {
namespace {

/// A device at a push service on loopback, and a held transaction.
struct PushDispatchTest : ::testing::Test {
  PushDispatchTest() {
    offer_push(fixture, unsent);
    fixture.settings().push->keys->take({vapid});
    auto& rules = fixture.settings().push->endpoints;
    rules.addresses = delivery::AddressPolicy::kAny;
    rules.plain_http = delivery::PlainHttp::kAllowed;
    sender = std::make_unique<delivery::PushSender>(http, system_clock(), system_random(),
                                                    std::vector<crypto::VapidKey>{vapid},
                                                    delivery::PushSenderOptions{rules});
    dispatch = std::make_unique<usecase::PushDispatch>(
        usecase::Background{fixture.store(), fixture.context(), fixture.clock(), system_random()}, *sender,
        [this](std::string_view what) {
          const std::lock_guard lock(mutex);
          problems.emplace_back(what);
        });
    const auto device = service.subscribe(vapid.point());
    const auto made = holder.enrol();
    usecase::PushAnswer answer = holder.answer_to(made->challenge);
    answer.endpoint = device.endpoint;
    answer.point = *from_base64url(device.p256dh);
    answer.auth = *from_base64url(device.auth);
    answer.signature = holder.key.sign(
        usecase::enrolment_text(made->challenge, {answer.endpoint, answer.point, answer.auth, std::string()}));
    EXPECT_EQ(why(holder.confirm(answer)), kYes);
    fixture.wait(seconds(1));
    fixture.hold();
    fixture.push_by(*dispatch);
  }
  ~PushDispatchTest() override {
    http.stop(std::chrono::milliseconds(0));
    dispatch->stop();
  }

  template <class Ask>
  void eventually(const char* what, Ask ask) {
    for (int i = 0; i < 60'000; ++i) {  // Minutes: only a test that fails waits for them.
      if (ask()) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    FAIL() << what;
  }
  std::string said() {
    const std::lock_guard lock(mutex);
    return problems.empty() ? std::string() : problems.back();
  }

  Fixture fixture;
  SentPushes unsent;
  DeviceHolder holder{fixture};
  SeededRandom random{21};
  crypto::VapidKey vapid{crypto::SigningKey::generate(crypto::JwsAlgorithm::kEs256, random),
                         "mailto:ops@countersign.dev"};
  PushServiceDouble service;
  delivery::HttpClient http{{}, system_clock()};
  std::unique_ptr<delivery::PushSender> sender;
  std::unique_ptr<usecase::PushDispatch> dispatch;
  std::mutex mutex;
  std::vector<std::string> problems;  ///< Guarded by mutex.
};

TEST_F(PushDispatchTest, APromptArrivesOnceItIsDurable) {
  const auto prompt = holder.prompt();
  ASSERT_EQ(why(prompt), kYes);
  eventually("the prompt arrives", [&] { return service.received().size() == 1; });
  EXPECT_NE(service.received()[0].text.find(prompt->id), std::string::npos);
  EXPECT_EQ(service.received()[0].ttl, 180);
  EXPECT_TRUE(service.faults().empty());
  eventually("nothing is left", [&] { return dispatch->in_progress() == 0; });
}

TEST_F(PushDispatchTest, OneThatIsOverIsForgottenAndSaid) {
  service.end(service.server().url("/push/device-1"));
  ASSERT_EQ(why(holder.prompt()), kYes);
  eventually("the subscription ends", [&] { return fixture.all_events().back().type == "factor.unsubscribed"; });
  EXPECT_EQ(why(holder.prompt()), Code::kFactorUnusable);
  EXPECT_EQ(said(), "push to device " + holder.factor.text() + R"(: HTTP status 410: {"reason":"Unregistered"})");
}

TEST_F(PushDispatchTest, ABusyServiceIsAskedAgainWhenItSays) {
  service.answer_next({.status = 503, .headers = {{"Retry-After", "20"}}});
  ASSERT_EQ(why(holder.prompt()), kYes);
  eventually("it is refused", [&] { return !said().empty(); });
  EXPECT_EQ(service.received().size(), 0U);
  EXPECT_EQ(dispatch->in_progress(), 1U);
  fixture.wait(seconds(20));
  eventually("it arrives", [&] { return service.received().size() == 1; });
  EXPECT_EQ(service.received()[0].ttl, 160) << "what is left of the prompt";
}

TEST_F(PushDispatchTest, WhatIsRefusedIsNotAskedAgain) {
  service.answer_next({.status = 403, .body = R"({"reason":"BadJwtToken"})"});
  ASSERT_EQ(why(holder.prompt()), kYes);
  eventually("it is refused", [&] { return dispatch->in_progress() == 0; });
  EXPECT_NE(said().find("BadJwtToken"), std::string::npos);
  ASSERT_EQ(why(holder.prompt()), kYes) << "the subscription stays";
  eventually("the next one arrives", [&] { return service.received().size() == 1; });
}

TEST_F(PushDispatchTest, APromptThatIsNearlyOverIsNotSent) {
  service.answer_next({.status = 503, .headers = {{"Retry-After", "175"}}});
  ASSERT_EQ(why(holder.prompt()), kYes);
  eventually("it is refused", [&] { return !said().empty(); });
  fixture.wait(seconds(175));
  eventually("it is given up", [&] { return dispatch->in_progress() == 0; });
  EXPECT_TRUE(service.received().empty());
}

}  // namespace
}  // namespace countersign::testing
