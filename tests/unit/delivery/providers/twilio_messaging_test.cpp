#include "delivery/providers/twilio_messaging.h"

#include <gmock/gmock.h>

#include "delivery/providers/twilio_errors.h"
#include "support/doubles/twilio_messaging_double.h"
#include "unit/delivery/provider_fixture.h"

namespace countersign::delivery {
namespace {

using contact::DeliveryReason;
using contact::DeliveryStage;

using namespace testing;
using countersign::testing::FakeClock;
using countersign::testing::TwilioMessagingDouble;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

struct TwilioMessagingTest : ::testing::Test {
  TwilioMessagingTest() {
    options.account = account_at(twilio.server(), twilio.credentials());
    options.from = "+15005550006";
  }
  ~TwilioMessagingTest() override { EXPECT_THAT(twilio.violations(), IsEmpty()); }

  Result<Accepted, ProviderError> send(OutgoingMessage message) {
    auto [done, result] = promised<Result<Accepted, ProviderError>>();
    TwilioMessaging(http, clock, options).send(std::move(message), std::move(done));
    return wait_for(result);
  }
  OutgoingMessage sms() { return message_to("+15017122661", Channel::kSms, clock.now() + 10min); }

  TwilioMessagingDouble twilio;
  TwilioMessagingOptions options;
  FakeClock clock;
  HttpClient http{{}, system_clock()};
};

TEST_F(TwilioMessagingTest, SendsATextMessage) {
  auto message = sms();
  message.status_callback_url = "https://verify.example/callbacks/twilio?m=1";
  const auto accepted = send(std::move(message));
  ASSERT_TRUE(accepted);
  EXPECT_EQ(accepted->provider_ref, countersign::testing::make_sid("SM", 1));
  EXPECT_THAT(twilio.messages().at(0),
              ElementsAre(Pair("To", "+15017122661"), Pair("From", "+15005550006"),
                          Pair("Body", "Acme: 482913 authorises 39,99 € to Zoë & Co."),
                          Pair("StatusCallback", "https://verify.example/callbacks/twilio?m=1"),
                          Pair("ValidityPeriod", "600")));
}

TEST_F(TwilioMessagingTest, SendsThroughAMessagingService) {
  options.from.clear();
  options.messaging_service_sid = countersign::testing::make_sid("MG", 1);
  ASSERT_TRUE(send(sms()));
  EXPECT_THAT(twilio.messages().at(0)[1], Pair("MessagingServiceSid", options.messaging_service_sid));
}

TEST_F(TwilioMessagingTest, SendsWhatsapp) {
  options.whatsapp_from = "+14155238886";
  ASSERT_TRUE(send(message_to("+5511961234567", Channel::kWhatsapp, clock.now() + 10min)));
  EXPECT_THAT(twilio.messages().at(0)[0], Pair("To", "whatsapp:+5511961234567"));
  EXPECT_THAT(twilio.messages().at(0)[1], Pair("From", "whatsapp:+14155238886"));
}

TEST_F(TwilioMessagingTest, SendsATemplateByWhatsapp) {
  options.whatsapp_from = "+14155238886";
  options.whatsapp_content = {{"pt-BR", countersign::testing::make_sid("HX", 1)},
                              {"en", countersign::testing::make_sid("HX", 2)}};
  ASSERT_TRUE(send(message_to("+5511961234567", Channel::kWhatsapp, clock.now() + 10min)));
  EXPECT_THAT(twilio.messages().at(0)[2], Pair("ContentSid", countersign::testing::make_sid("HX", 1)));
  EXPECT_THAT(twilio.messages().at(0)[3], Pair("ContentVariables", R"({"1":"482913"})"));
  auto message = message_to("+5511961234567", Channel::kWhatsapp, clock.now() + 10min);
  message.locale = "es";
  message.code = SecretString("1\",\"2\":\"x");
  ASSERT_TRUE(send(std::move(message)));
  EXPECT_THAT(twilio.messages().at(1)[2], Pair("ContentSid", countersign::testing::make_sid("HX", 2)));
  EXPECT_THAT(twilio.messages().at(1)[3], Pair("ContentVariables", R"({"1":"1\",\"2\":\"x"})"));
  ASSERT_TRUE(send(sms()));  // Text messages stay text.
  EXPECT_THAT(twilio.messages().at(2)[2].first, "Body");
  const TwilioMessaging provider(http, clock, options);
  EXPECT_FALSE(provider.shows_display(Channel::kWhatsapp));
  EXPECT_TRUE(provider.shows_display(Channel::kSms));
  auto notice = message_to("+5511961234567", Channel::kWhatsapp, clock.now() + 10min);
  notice.code.clear();
  EXPECT_EQ(send(std::move(notice)).error().fault, Fault::kMisconfigured);
}

TEST_F(TwilioMessagingTest, CodesOfWhatsapp) {
  using enum Fault;
  for (const auto& [code, fault] : std::vector<std::pair<int, Fault>>{{63016, kMisconfigured},
                                                                      {63024, kUnsupportedAddress},
                                                                      {63018, kRateLimited},
                                                                      {63027, kMisconfigured},
                                                                      {63028, kMisconfigured},
                                                                      {63049, kBlocked},
                                                                      {21654, kMisconfigured},
                                                                      {21656, kMisconfigured}}) {
    EXPECT_EQ(twilio_error_of_code(code).fault, fault) << code;
  }
  EXPECT_EQ(twilio_error_of_code(63024).notice, PersonNotice::kNumberNotSupported);
}

TEST_F(TwilioMessagingTest, TheQueueAtTwilioForgetsTheMessageWithTheCode) {
  for (const auto& [life, period] :
       std::vector<std::pair<Duration, std::string>>{{24h, "36000"}, {90s, "90"}, {1s, "5"}, {-1h, "5"}}) {
    ASSERT_TRUE(send(message_to("+15017122661", Channel::kSms, clock.now() + life)));
    EXPECT_THAT(twilio.messages().back().back(), Pair("ValidityPeriod", period));
  }
}

TEST_F(TwilioMessagingTest, SupportsWhatItHasASenderFor) {
  const auto supports = [&](Channel channel) { return TwilioMessaging(http, clock, options).supports(channel); };
  EXPECT_TRUE(supports(Channel::kSms));
  EXPECT_FALSE(supports(Channel::kWhatsapp));
  EXPECT_FALSE(supports(Channel::kCall));
  EXPECT_FALSE(supports(Channel::kEmail));
  options.from.clear();
  EXPECT_FALSE(supports(Channel::kSms));
  options.whatsapp_from = "+14155238886";
  EXPECT_TRUE(supports(Channel::kWhatsapp));
}

TEST_F(TwilioMessagingTest, UndocumentedAnswers) {
  for (const auto& [name, reply, fault, maybe_sent] : bad_answers()) {
    SCOPED_TRACE(name);
    twilio.answer_next(reply);
    const auto result = send(sms());
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().fault, fault) << result.error().detail;
    EXPECT_EQ(result.error().maybe_sent, maybe_sent);
  }
  twilio.answer_next(countersign::testing::twilio_error(404, 20404, "not found"));
  EXPECT_EQ(send(sms()).error().fault, Fault::kMisconfigured);
}

TEST_F(TwilioMessagingTest, AMessageThatIsBornFailedIsAnError) {
  twilio.answer_next({201, {}, R"({"sid":"SM1","status":"failed","error_code":30006})"});
  const auto result = send(sms());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().fault, Fault::kLandline);
  EXPECT_EQ(result.error().provider_code, "30006");
}

TEST(StatusCallback, EveryStatus) {
  const auto stage_of = [](std::string status) {
    const auto report = parse_status_callback({{"MessageSid", "SM1"}, {"MessageStatus", std::move(status)}});
    return report ? std::optional(report->stage) : std::nullopt;
  };
  for (const char* status : {"accepted", "scheduled", "queued", "sending"})
    EXPECT_EQ(stage_of(status), DeliveryStage::kAccepted) << status;
  EXPECT_EQ(stage_of("sent"), DeliveryStage::kSent);
  EXPECT_EQ(stage_of("delivered"), DeliveryStage::kDelivered);
  EXPECT_EQ(stage_of("read"), DeliveryStage::kRead);
  for (const char* status : {"failed", "undelivered", "canceled"})
    EXPECT_EQ(stage_of(status), DeliveryStage::kFailed) << status;
  for (const char* status : {"", "DELIVERED", "received", "nonsense"})
    EXPECT_EQ(stage_of(status), std::nullopt) << status;
}

TEST(StatusCallback, SaysWhyAMessageFailed) {
  const auto report = parse_status_callback({{"ErrorCode", "30005"},
                                             {"SmsSid", "SM1"},
                                             {"SmsStatus", "undelivered"},
                                             {"MessageStatus", "undelivered"},
                                             {"To", "+15017122661"},
                                             {"MessageSid", "SM1"},
                                             {"AccountSid", "AC1"}});
  ASSERT_TRUE(report);
  EXPECT_EQ(report->provider_ref, "SM1");
  EXPECT_EQ(report->stage, DeliveryStage::kFailed);
  EXPECT_EQ(report->reason, DeliveryReason::kInvalidAddress);
  EXPECT_EQ(report->error_code, "30005");
  EXPECT_FALSE(
      parse_status_callback({{"MessageSid", "SM1"}, {"MessageStatus", "sent"}, {"ErrorCode", "30005"}})->reason);
}

TEST(StatusCallback, ReasonsInOurWords) {
  const auto reason_of = [](const char* code) {
    return parse_status_callback({{"MessageSid", "SM1"}, {"MessageStatus", "failed"}, {"ErrorCode", code}})->reason;
  };
  for (const char* code : {"", "x", "99999999999999", "-5", "0", "30008"})
    EXPECT_EQ(reason_of(code), DeliveryReason::kUnknown) << code;
  EXPECT_EQ(reason_of("30036"), DeliveryReason::kExpired);
  EXPECT_EQ(reason_of("30003"), DeliveryReason::kUnavailable);
  EXPECT_EQ(reason_of("30006"), DeliveryReason::kLandline);
  EXPECT_EQ(reason_of("21610"), DeliveryReason::kOptedOut);
  EXPECT_EQ(reason_of("30007"), DeliveryReason::kBlocked);
  EXPECT_EQ(reason_of("999999"), DeliveryReason::kRejected);
  EXPECT_FALSE(parse_status_callback({{"MessageSid", "SM1"}, {"MessageStatus", "failed"}})->error_code.size());
}

TEST(StatusCallback, RefusesWhatIsNone) {
  EXPECT_FALSE(parse_status_callback({}));
  EXPECT_FALSE(parse_status_callback({{"MessageSid", "SM1"}}));
  EXPECT_FALSE(parse_status_callback({{"MessageStatus", "sent"}}));
  EXPECT_FALSE(parse_status_callback({{"MessageSid", ""}, {"MessageStatus", "sent"}}));
}

}  // namespace
}  // namespace countersign::delivery
