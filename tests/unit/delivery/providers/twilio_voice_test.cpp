#include "delivery/providers/twilio_voice.h"

#include <gmock/gmock.h>

#include "support/doubles/twilio_voice_double.h"
#include "unit/delivery/provider_fixture.h"

namespace countersign::delivery {
namespace {

using namespace testing;
using countersign::testing::FakeClock;
using countersign::testing::form_value;
using countersign::testing::TwilioVoiceDouble;
using countersign::testing::Verb;
using countersign::testing::verbs_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr std::string_view kNext = "https://verify.example/callbacks/twilio/voice/AC1/VL2?call=c2VhbGVk";

CallWords words() {
  return {"This is Acme. Press any key.",
          "This code approves: a payout. Your code is:", "Once more:", "Never share it.", std::string(kNext)};
}

std::vector<std::string> said(const std::vector<Verb>& verbs) {
  std::vector<std::string> texts;
  for (const auto& verb : verbs) {
    if (verb.name == "Say") texts.push_back(verb.text);
  }
  return texts;
}

struct TwilioVoiceTest : ::testing::Test {
  TwilioVoiceTest() {
    options.account = account_at(twilio.server(), twilio.credentials());
    options.from = "+15005550006";
  }
  ~TwilioVoiceTest() override { EXPECT_THAT(twilio.violations(), IsEmpty()); }

  Result<Accepted, ProviderError> send(OutgoingMessage message) {
    auto [done, result] = promised<Result<Accepted, ProviderError>>();
    TwilioVoice(http, clock, options).send(std::move(message), std::move(done));
    return wait_for(result);
  }
  OutgoingMessage call() {
    auto message = message_to("+5511961234567", Channel::kCall, clock.now() + 10min);
    message.call = words();
    message.status_callback_url = "https://verify.example/callbacks/twilio/AC1/VL2";
    return message;
  }
  std::vector<Verb> spoken(std::size_t number = 0) { return verbs_of(*form_value(twilio.calls().at(number), "Twiml")); }

  TwilioVoiceDouble twilio;
  TwilioVoiceOptions options;
  FakeClock clock;
  HttpClient http{{}, system_clock()};
};

TEST_F(TwilioVoiceTest, AsksForAKeyBeforeAnythingOfTheCode) {
  const auto accepted = send(call());
  ASSERT_TRUE(accepted);
  EXPECT_EQ(accepted->provider_ref, countersign::testing::make_sid("CA", 1));
  const auto form = twilio.calls().at(0);
  EXPECT_EQ(form_value(form, "To"), "+5511961234567");
  EXPECT_EQ(form_value(form, "From"), "+15005550006");
  EXPECT_EQ(form_value(form, "Timeout"), "20");  // Before an answering machine takes it.
  EXPECT_EQ(form_value(form, "StatusCallback"), "https://verify.example/callbacks/twilio/AC1/VL2");
  EXPECT_EQ(form_value(form, "StatusCallbackEvent"), "completed");
  const auto verbs = spoken();
  ASSERT_GE(verbs.size(), 4U);
  EXPECT_EQ(verbs[1].name, "Gather");
  EXPECT_THAT(verbs[1].attributes, HasSubstr("input=\"dtmf\" numDigits=\"1\" finishOnKey=\"\""));
  EXPECT_THAT(verbs[1].attributes, HasSubstr(kNext));
  EXPECT_THAT(said(verbs), ElementsAre(words().ask, words().ask));
  for (std::size_t i = 2; i + 1 < verbs.size(); ++i) EXPECT_EQ(verbs[i].depth, 2U);
  EXPECT_EQ(verbs.back().name, "Hangup");
  const std::string twiml = *form_value(form, "Twiml");
  EXPECT_THAT(twiml, Not(HasSubstr("482913")));
  EXPECT_THAT(twiml, Not(HasSubstr("payout")));
}

TEST_F(TwilioVoiceTest, AfterTheKeyItSaysWhatTheCodeApprovesAndTheDigitsSlowlyAndTwice) {
  const auto verbs = verbs_of(twiml_that_reads(words(), "482913", "en", {}));
  EXPECT_THAT(said(verbs), ElementsAre(words().before, "4", "8", "2", "9", "1", "3", words().again, "4", "8", "2", "9",
                                       "1", "3", words().after));
  for (std::size_t i = 0; i + 1 < verbs.size(); ++i) {
    if (verbs[i].text.size() == 1) {
      EXPECT_EQ(verbs[i + 1].name, "Pause") << i;
    }
  }
  EXPECT_EQ(verbs.back().name, "Hangup");
}

TEST_F(TwilioVoiceTest, SpeaksTheLanguageWithItsVoice) {
  const auto say_of = [&](std::string locale) {
    return verbs_of(twiml_that_says("x", locale, options.voices)).at(1).attributes;
  };
  EXPECT_EQ(say_of("pt-BR"), " language=\"pt-BR\"");
  EXPECT_EQ(say_of("en"), " language=\"en-US\"");
  EXPECT_EQ(say_of("es"), " language=\"es-MX\"");
  EXPECT_EQ(say_of("es-AR"), " language=\"es-MX\"");
  EXPECT_EQ(say_of("pt-PT"), " language=\"pt-PT\"");
  EXPECT_EQ(say_of("ja"), " language=\"en-US\"");  // The words are English, too.
  EXPECT_EQ(say_of("\"><Dial>"), " language=\"en-US\"");
  options.voices = {{"pt-BR", "Polly.Camila-Neural"}, {"en", "Polly.Joanna"}};
  EXPECT_EQ(say_of("pt-BR"), " language=\"pt-BR\" voice=\"Polly.Camila-Neural\"");
  EXPECT_EQ(say_of("en-GB"), " language=\"en-GB\" voice=\"Polly.Joanna\"");
  EXPECT_EQ(say_of("ja"), " language=\"en-US\" voice=\"Polly.Joanna\"");
  EXPECT_EQ(say_of("es"), " language=\"es-MX\"");  // No voice speaks another language.
}

TEST_F(TwilioVoiceTest, NamesAreSpokenAndNeverExecuted) {
  const std::string evil = "</Say></Gather><Dial>+15017122661</Dial><Say>&amp;&#60;<![CDATA[<!--\"'\x01\n";
  auto message = call();
  message.call.ask = evil;
  message.call.next_url = "https://verify.example/?a=1&b=\"><Redirect>";
  ASSERT_TRUE(send(std::move(message)));
  const auto verbs = spoken();
  for (const auto& text : said(verbs)) EXPECT_THAT(text, HasSubstr("<Dial>+15017122661</Dial>"));
  EXPECT_THAT(verbs[1].attributes, HasSubstr("a=1&b=\"><Redirect>"));
  auto all = words();
  all.before = all.again = all.after = evil;
  EXPECT_EQ(verbs_of(twiml_that_reads(all, "12", "en", {})).size(), 1 + 3 + 2 + 8 + 1U);
}

TEST_F(TwilioVoiceTest, ANoticeIsSaidAtOnce) {
  auto notice = call();
  notice.code.clear();
  notice.call = {};
  ASSERT_TRUE(send(std::move(notice)));
  EXPECT_THAT(said(spoken()), ElementsAre(HasSubstr("Acme"), HasSubstr("Acme")));
}

TEST_F(TwilioVoiceTest, ACodeThatNoKeyLeadsToIsSaidAtOnce) {
  auto message = call();
  message.call.next_url.clear();
  const auto code = message.code.expose();
  ASSERT_TRUE(send(std::move(message)));
  std::string digits;
  for (const auto& text : said(spoken())) digits += text.size() == 1 ? text : "";
  EXPECT_EQ(digits, code + code);
  EXPECT_THAT(said(spoken()).front(), HasSubstr("This code approves"));
}

TEST_F(TwilioVoiceTest, WhatIsLongerThanTwilioTakesIsNotSent) {
  auto message = call();
  message.call.ask = std::string(2'000, '<');
  EXPECT_EQ(send(std::move(message)).error().fault, Fault::kMisconfigured);
  EXPECT_THAT(twilio.calls(), IsEmpty());
}

TEST_F(TwilioVoiceTest, UndocumentedAnswers) {
  for (const auto& [name, reply, fault, maybe_sent] : bad_answers()) {
    SCOPED_TRACE(name);
    twilio.answer_next(reply);
    const auto result = send(call());
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().fault, fault) << result.error().detail;
    EXPECT_EQ(result.error().maybe_sent, maybe_sent);
  }
  twilio.answer_next({201, {}, R"({"sid":"SM1","status":"queued"})"});
  EXPECT_FALSE(send(call()));
  twilio.answer_next(countersign::testing::twilio_error(403, 21215, "Geo permissions"));
  EXPECT_EQ(send(call()).error().fault, Fault::kBlocked);
}

TEST(CallCallback, EveryStatus) {
  const auto report_of = [](std::string status, FormPairs more = {}) {
    more.emplace_back("CallSid", "CA1");
    more.emplace_back("CallStatus", std::move(status));
    return parse_call_callback(more);
  };
  using contact::DeliveryReason;
  for (const char* status : {"queued", "initiated"})
    EXPECT_EQ(report_of(status)->stage, contact::DeliveryStage::kAccepted) << status;
  for (const char* status : {"ringing", "in-progress"})
    EXPECT_EQ(report_of(status)->stage, contact::DeliveryStage::kSent) << status;
  for (const auto& [status, code] : std::vector<std::pair<std::string, std::string>>{
           {"completed", "no_key"}, {"busy", "busy"}, {"no-answer", "no-answer"}, {"canceled", "canceled"}}) {
    const auto report = report_of(status);
    ASSERT_TRUE(report) << status;
    EXPECT_EQ(report->stage, contact::DeliveryStage::kFailed);
    EXPECT_EQ(report->error_code, code);
    EXPECT_EQ(report->reason, status == "canceled" ? DeliveryReason::kRejected : DeliveryReason::kUnavailable);
  }
  EXPECT_EQ(report_of("failed", {{"SipResponseCode", "404"}})->reason, DeliveryReason::kInvalidAddress);
  EXPECT_EQ(report_of("failed", {{"SipResponseCode", "503"}})->reason, DeliveryReason::kRejected);
  EXPECT_EQ(report_of("failed", {{"ErrorCode", "21217"}})->reason, DeliveryReason::kInvalidAddress);
  EXPECT_EQ(report_of("failed", {{"ErrorCode", "x"}})->reason, DeliveryReason::kRejected);
  for (const char* status : {"", "COMPLETED", "delivered"}) EXPECT_FALSE(report_of(status)) << status;
  EXPECT_FALSE(parse_call_callback({{"CallStatus", "busy"}}));
  EXPECT_FALSE(parse_call_callback({{"MessageSid", "SM1"}, {"MessageStatus", "delivered"}}));
}

}  // namespace
}  // namespace countersign::delivery
