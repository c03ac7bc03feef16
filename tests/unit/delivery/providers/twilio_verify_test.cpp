#include "delivery/providers/twilio_verify.h"

#include <gmock/gmock.h>

#include "support/doubles/twilio_verify_double.h"
#include "unit/delivery/provider_fixture.h"

namespace countersign::delivery {
namespace {

using namespace testing;
using countersign::testing::Form;
using countersign::testing::parse_form;
using countersign::testing::ServerReply;
using countersign::testing::TwilioVerifyDouble;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

class TwilioVerifyTest : public ::testing::Test {
 protected:
  explicit TwilioVerifyTest(TwilioVerifyDouble::Settings settings = {}) : twilio(settings) {
    options.account = account_at(twilio.server(), twilio.credentials());
    options.service_sid = twilio.service_sid();
    options.psd2 = settings.psd2;
    options.friendly_name = settings.friendly_name_allowed;
  }
  ~TwilioVerifyTest() override { EXPECT_THAT(twilio.violations(), IsEmpty()); }

  Result<Accepted, ProviderError> start(VerificationStart request) {
    auto [done, result] = promised<Result<Accepted, ProviderError>>();
    TwilioVerify(http, system_clock(), options).start(std::move(request), std::move(done));
    return wait_for(result);
  }
  Result<Accepted, ProviderError> start(std::string to = "+15017122661", Channel channel = Channel::kSms) {
    return start(VerificationStart{.id = {},
                                   .channel = channel,
                                   .to = std::move(to),
                                   .locale = "pt-BR",
                                   .amount = {},
                                   .payee = {},
                                   .friendly_name = {}});
  }
  /// One that goes on from what the provider has.
  VerificationStart further(std::optional<std::string> again, bool ends_pending) {
    VerificationStart request;
    request.channel = Channel::kSms;
    request.to = "+15017122661";
    request.again = std::move(again);
    request.ends_pending = ends_pending;
    return request;
  }
  Result<VerifierVerdict, ProviderError> check(const std::string& sid, std::string code,
                                               std::optional<std::string> amount = {},
                                               std::optional<std::string> payee = {}) {
    auto [done, result] = promised<Result<VerifierVerdict, ProviderError>>();
    TwilioVerify(http, system_clock(), options)
        .check({sid, SecretString(std::move(code)), std::move(amount), std::move(payee)}, std::move(done));
    return wait_for(result);
  }
  Result<Done, ProviderError> cancel(const std::string& sid) {
    auto [done, result] = promised<Result<Done, ProviderError>>();
    TwilioVerify(http, system_clock(), options).cancel(sid, std::move(done));
    return wait_for(result);
  }
  std::string started() {
    const auto accepted = start();
    return accepted ? accepted->provider_ref : "";
  }
  Form last_form() { return *parse_form(twilio.server().exchanges().back().request.body); }

  TwilioVerifyDouble twilio;
  TwilioVerifyOptions options;
  HttpClient http{{}, system_clock()};
};

TEST_F(TwilioVerifyTest, StartsAndApproves) {
  const auto accepted = start();
  ASSERT_TRUE(accepted);
  EXPECT_THAT(last_form(), ElementsAre(Pair("To", "+15017122661"), Pair("Channel", "sms"), Pair("Locale", "pt-BR")));
  const auto verdict = check(accepted->provider_ref, twilio.code_of(accepted->provider_ref));
  ASSERT_TRUE(verdict);
  EXPECT_EQ(*verdict, VerifierVerdict::kApproved);
  EXPECT_THAT(last_form(), ElementsAre(Pair("VerificationSid", accepted->provider_ref), Pair("Code", "107919")));
}

TEST_F(TwilioVerifyTest, EveryChannel) {
  EXPECT_TRUE(start("+15017122661", Channel::kSms));
  EXPECT_TRUE(start("+15017122662", Channel::kCall));
  EXPECT_TRUE(start("+15017122663", Channel::kWhatsapp));
  EXPECT_TRUE(start("person+tag@example.com", Channel::kEmail));
  EXPECT_THAT(last_form()[0], Pair("To", "person+tag@example.com"));
  const TwilioVerify provider(http, system_clock(), options);
  EXPECT_FALSE(provider.supports(Channel::kPush));
  options.channels = {Channel::kSms};
  EXPECT_FALSE(TwilioVerify(http, system_clock(), options).supports(Channel::kEmail));
}

TEST_F(TwilioVerifyTest, AWrongCodeIsNoErrorUntilTheAttemptsAreUsedUp) {
  const auto sid = started();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(*check(sid, "000000"), VerifierVerdict::kWrongCode);
  const auto sixth = check(sid, twilio.code_of(sid));
  ASSERT_FALSE(sixth);
  EXPECT_EQ(sixth.error().fault, Fault::kAttemptsExhausted);
  EXPECT_EQ(sixth.error().notice, PersonNotice::kTooManyAttempts);
  EXPECT_EQ(sixth.error().provider_code, "60202");
  EXPECT_FALSE(is_retryable(sixth.error()));
}

TEST_F(TwilioVerifyTest, AMalformedCodeIsAWrongOne) {
  const auto sid = started();
  EXPECT_EQ(*check(sid, "1"), VerifierVerdict::kWrongCode);
}

TEST_F(TwilioVerifyTest, UsedExpiredCanceledAndUnknownAreOver) {
  const auto used = started();
  ASSERT_EQ(*check(used, twilio.code_of(used)), VerifierVerdict::kApproved);
  EXPECT_EQ(*check(used, twilio.code_of(used)), VerifierVerdict::kOver);

  const auto expired = started();
  twilio.advance(10min - 1us);
  EXPECT_EQ(*check(expired, "000000"), VerifierVerdict::kWrongCode);
  twilio.advance(1us);
  EXPECT_EQ(*check(expired, twilio.code_of(expired)), VerifierVerdict::kOver);

  const auto canceled = started();
  ASSERT_TRUE(cancel(canceled));
  EXPECT_EQ(twilio.status_of(canceled), "canceled");
  EXPECT_EQ(*check(canceled, twilio.code_of(canceled)), VerifierVerdict::kOver);
  EXPECT_EQ(*check(countersign::testing::make_sid("VE", 999), "123456"), VerifierVerdict::kOver);
}

TEST_F(TwilioVerifyTest, CancelingTwiceIsFine) {
  const auto sid = started();
  EXPECT_TRUE(cancel(sid));
  EXPECT_TRUE(cancel(sid));
}

TEST_F(TwilioVerifyTest, StartingAgainSendsTheSameCodeUpToTheLimit) {
  const auto sid = started();
  for (int i = 1; i < 5; ++i) {
    const auto again = start(further(sid, false));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->provider_ref, sid);
  }
  EXPECT_EQ(twilio.sends_of(sid), 5u);
  const auto sixth = start(further(sid, false));
  ASSERT_FALSE(sixth);
  EXPECT_EQ(sixth.error().fault, Fault::kAttemptsExhausted);
  EXPECT_EQ(sixth.error().provider_code, "60203");
  EXPECT_FALSE(is_retryable(sixth.error()));
}

TEST_F(TwilioVerifyTest, ANewOneEndsWhatIsPendingFirst) {
  const auto older = started();
  const auto newer = start(further({}, true));
  ASSERT_TRUE(newer);
  EXPECT_NE(newer->provider_ref, older);
  EXPECT_EQ(twilio.status_of(older), "canceled");
  EXPECT_NE(twilio.code_of(newer->provider_ref), twilio.code_of(older));
  const auto update = twilio.server().exchanges().at(1).request;
  EXPECT_TRUE(update.path.ends_with("/Verifications/%2B15017122661")) << update.path;
  twilio.advance(10min);
  EXPECT_TRUE(start(further({}, true))) << "nothing is pending: there is nothing to end";
}

TEST_F(TwilioVerifyTest, WhereTheOlderOneCannotBeEndedNothingIsSent) {
  const auto older = started();
  twilio.answer_next(countersign::testing::twilio_error(500, 20500, "Internal Server Error"));
  const auto newer = start(further({}, true));
  ASSERT_FALSE(newer);
  EXPECT_TRUE(is_retryable(newer.error()));
  EXPECT_FALSE(newer.error().maybe_sent);
  EXPECT_EQ(twilio.sends_of(older), 1u);
}

TEST_F(TwilioVerifyTest, TheCodeOfAnotherOneIsNobodys) {
  const auto foreign = started();
  const auto ours = start();
  ASSERT_FALSE(ours);
  EXPECT_EQ(ours.error().fault, Fault::kUnavailable);
  EXPECT_EQ(twilio.status_of(foreign), "canceled");
  EXPECT_TRUE(start()) << "and then a new one can begin";
}

TEST_F(TwilioVerifyTest, AnotherOneThanTheOneToBeSentAgainIsNobodysEither) {
  const auto foreign = started();
  EXPECT_FALSE(start(further(countersign::testing::make_sid("VE", 999), false)));
  EXPECT_EQ(twilio.status_of(foreign), "canceled");
  // One that has lapsed there begins anew, with a code that was sent for nothing else.
  const auto lapsed = started();
  twilio.advance(10min);
  const auto anew = start(further(lapsed, false));
  ASSERT_TRUE(anew);
  EXPECT_NE(anew->provider_ref, lapsed);
}

TEST_F(TwilioVerifyTest, AReferenceThatIsNoneOfTheirsIsUnreadable) {
  twilio.answer_next({201,
                      {{"Content-Type", "application/json"}},
                      R"({"sid":"VE)" + std::string(60'000, 'f') + R"(","send_code_attempts":[{}]})"});
  const auto answer = start();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().fault, Fault::kUnavailable);
}

TEST_F(TwilioVerifyTest, AnAnswerThatDoesNotSayHowOftenItWasSentIsUnreadable) {
  twilio.answer_next({201, {{"Content-Type", "application/json"}}, R"({"sid":"VE1","status":"pending"})"});
  const auto result = start();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().fault, Fault::kUnavailable);
}

TEST_F(TwilioVerifyTest, AfterItsTimeARequestIsNotMade) {
  for (const bool ends_pending : {false, true}) {
    auto late = further({}, ends_pending);
    late.call_before = system_clock().now();
    const auto result = start(late);
    ASSERT_FALSE(result);
    EXPECT_TRUE(is_retryable(result.error()));
  }
  EXPECT_THAT(twilio.server().exchanges(), IsEmpty());
}

TEST_F(TwilioVerifyTest, AnInvalidNumberIsThePersonsAndAnyOtherParameterOurs) {
  const auto number = start("+0123456789");
  ASSERT_FALSE(number);
  EXPECT_EQ(number.error().fault, Fault::kInvalidAddress);
  EXPECT_EQ(number.error().notice, PersonNotice::kNumberNotSupported);
  for (const char* text : {"Invalid parameter: Locale", "Invalid parameter `Locale`: xx"}) {
    twilio.answer_next(countersign::testing::twilio_error(400, 60200, text));
    const auto locale = start();
    ASSERT_FALSE(locale);
    EXPECT_EQ(locale.error().fault, Fault::kMisconfigured);
    EXPECT_THAT(locale.error().detail, HasSubstr("Locale"));
  }
  twilio.answer_next(countersign::testing::twilio_error(400, 60200, "Invalid parameter `To`: +15017122661"));
  const auto quoted = start();
  EXPECT_EQ(quoted.error().fault, Fault::kInvalidAddress);
  EXPECT_THAT(quoted.error().detail, Not(HasSubstr("501712")));
}

TEST_F(TwilioVerifyTest, RateLimitsCarryTheirRetryAfter) {
  twilio.answer_next(countersign::testing::twilio_error(429, 20429, "Too many requests", {{"Retry-After", "13"}}));
  const auto limited = start();
  ASSERT_FALSE(limited);
  EXPECT_EQ(limited.error().fault, Fault::kRateLimited);
  EXPECT_EQ(limited.error().retry_after, 13s);
  EXPECT_TRUE(is_retryable(limited.error()));
}

TEST_F(TwilioVerifyTest, AnUnknownServiceIsAMistakeOfTheConfiguration) {
  twilio.answer_next(countersign::testing::twilio_error(404, 20404, "The requested resource was not found"));
  const auto result = start();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().fault, Fault::kMisconfigured);
  EXPECT_EQ(result.error().notice, PersonNotice::kTemporarilyUnavailable);
}

TEST_F(TwilioVerifyTest, UndocumentedAnswers) {
  const auto sid = started();
  for (const auto& [name, reply, fault, maybe_sent] : bad_answers()) {
    SCOPED_TRACE(name);
    twilio.answer_next(reply);
    const auto started_again = start();
    ASSERT_FALSE(started_again);
    EXPECT_EQ(started_again.error().fault, fault) << started_again.error().detail;
    EXPECT_EQ(started_again.error().maybe_sent, maybe_sent);
    twilio.answer_next(reply);
    const auto checked = check(sid, "123456");
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().fault, fault) << checked.error().detail;
  }
}

TEST_F(TwilioVerifyTest, ApprovesOnlyWhatIsCertain) {
  const auto sid = started();
  const auto answered = [&](std::string body) {
    twilio.answer_next({201, {{"Content-Type", "application/json"}}, std::move(body)});
    const auto verdict = check(sid, "123456");
    return verdict ? std::optional(*verdict) : std::nullopt;
  };
  const std::string ours = R"({"sid":")" + sid + R"(",)";
  EXPECT_EQ(answered(ours + R"("status":"approved","valid":true})"), VerifierVerdict::kApproved);
  EXPECT_EQ(answered(ours + R"("status":"approved","valid":false})"), std::nullopt);
  EXPECT_EQ(answered(ours + R"("status":"approved","valid":null})"), std::nullopt);
  EXPECT_EQ(answered(ours + R"("status":"approved","valid":"true"})"), std::nullopt);
  EXPECT_EQ(answered(ours + R"("status":"approved"})"), std::nullopt);
  EXPECT_EQ(answered(ours + R"("status":"APPROVED","valid":true})"), std::nullopt);
  EXPECT_EQ(answered(ours + R"("status":"pending","valid":true})"), VerifierVerdict::kWrongCode);
  EXPECT_EQ(answered(ours + R"("valid":true})"), std::nullopt);
  EXPECT_EQ(answered(R"({"sid":"VEffffffffffffffffffffffffffffffff","status":"approved","valid":true})"), std::nullopt);
  for (const char* status : {"canceled", "expired", "max_attempts_reached", "deleted", "failed"}) {
    EXPECT_EQ(answered(ours + R"("status":")" + status + R"(","valid":false})"), VerifierVerdict::kOver) << status;
  }
}

TEST_F(TwilioVerifyTest, WrongCredentialsAreTheOperators) {
  options.account.password = SecretString("wrong");
  const auto result = start();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().fault, Fault::kMisconfigured);
  EXPECT_EQ(result.error().provider_code, "20003");
  EXPECT_THAT(twilio.violations(), ElementsAre("credentials"));
  twilio.forget_violations();
}

TEST_F(TwilioVerifyTest, AnAnswerThatDoesNotComeIsUnavailableAndMaybeSent) {
  // On a slow machine the request may be given up before it has left; then it gets more time.
  bool maybe_sent = false;
  for (auto timeout = 100ms; !maybe_sent && timeout < 60s; timeout *= 4) {
    twilio.answer_next({.how = ServerReply::How::kHang});
    options.account.timeout = timeout;
    const auto result = start();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().fault, Fault::kUnavailable);
    EXPECT_TRUE(is_retryable(result.error()));
    maybe_sent = result.error().maybe_sent;
  }
  EXPECT_TRUE(maybe_sent);
}

TEST_F(TwilioVerifyTest, TheProviderMayGoBeforeItsAnswer) {
  auto [done, result] = promised<Result<Accepted, ProviderError>>();
  {
    TwilioVerify provider(http, system_clock(), options);
    provider.start({.id = {},
                    .channel = Channel::kSms,
                    .to = "+15017122661",
                    .locale = "",
                    .amount = {},
                    .payee = {},
                    .friendly_name = {}},
                   std::move(done));
  }
  EXPECT_TRUE(wait_for(result));
}

class Psd2Test : public TwilioVerifyTest {
 protected:
  Psd2Test() : TwilioVerifyTest({.psd2 = true, .friendly_name_allowed = true}) {}

  std::string started_for(std::string amount, std::string payee) {
    const auto accepted = start(VerificationStart{.id = {},
                                                  .channel = Channel::kSms,
                                                  .to = "+15017122661",
                                                  .locale = "en",
                                                  .amount = std::move(amount),
                                                  .payee = std::move(payee),
                                                  .friendly_name = "Acme"});
    return accepted ? accepted->provider_ref : "";
  }
};

TEST_F(Psd2Test, BindsTheCodeToAmountAndPayee) {
  const auto sid = started_for("€39.99", "Zoë & Co.");
  EXPECT_THAT(last_form(),
              ElementsAre(Pair("To", "+15017122661"), Pair("Channel", "sms"), Pair("Locale", "en"),
                          Pair("Amount", "€39.99"), Pair("Payee", "Zoë & Co."), Pair("CustomFriendlyName", "Acme")));
  const auto code = twilio.code_of(sid);
  EXPECT_EQ(*check(sid, code, "€39.98", "Zoë & Co."), VerifierVerdict::kWrongCode);
  EXPECT_EQ(*check(sid, code, "€39.99", "Eve"), VerifierVerdict::kWrongCode);
  EXPECT_EQ(*check(sid, code, "€39.99", "Zoë & Co."), VerifierVerdict::kApproved);
}

TEST_F(Psd2Test, ApprovesNoOtherPaymentThanTheOneAskedAbout) {
  const auto sid = started_for("€39.99", "Zoë & Co.");
  const auto answered = [&](std::string_view payment) {
    twilio.answer_next({201,
                        {{"Content-Type", "application/json"}},
                        R"({"sid":")" + sid + R"(","status":"approved","valid":true)" + std::string(payment) + "}"});
    const auto verdict = check(sid, "123456", "€39.99", "Zoë & Co.");
    return verdict && *verdict == VerifierVerdict::kApproved;
  };
  EXPECT_TRUE(answered(R"(,"amount":"€39.99","payee":"Zoë & Co.")"));
  EXPECT_FALSE(answered(R"(,"amount":"€39.98","payee":"Zoë & Co.")"));
  EXPECT_FALSE(answered(R"(,"amount":"€39.99","payee":"Eve")"));
  EXPECT_FALSE(answered(R"(,"amount":null,"payee":"Zoë & Co.")"));
  EXPECT_FALSE(answered(""));
}

TEST_F(Psd2Test, WantsBothAndNoCalls) {
  const auto without = start();
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().provider_code, "60206");
  EXPECT_FALSE(TwilioVerify(http, system_clock(), options).supports(Channel::kCall));
  EXPECT_TRUE(TwilioVerify(http, system_clock(), options).supports(Channel::kSms));
}

}  // namespace
}  // namespace countersign::delivery
