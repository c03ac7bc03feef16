#include "delivery/providers/http_gateway.h"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "base/encoding.h"
#include "crypto/aws_signature.h"
#include "delivery/gateway/report.h"
#include "unit/delivery/provider_fixture.h"

namespace countersign::delivery {
namespace {

using namespace testing;
using countersign::testing::FakeClock;
using countersign::testing::HttpServer;
using countersign::testing::ServerReply;
using countersign::testing::ServerRequest;

TextTemplate text_of(std::string_view text) { return TextTemplate::parse(text).value(); }
Pointer at(std::string_view text) { return Pointer::parse(text).value(); }

GatewayOptions options_of(std::string_view json) {
  GatewayOptions options;
  options.url = text_of("https://sms.example/{id}/send");
  options.body = parse_json_template(json).value();
  options.id = at("/id");
  options.channels = {Channel::kSms};
  options.addresses = AddressPolicy::kAny;
  options.plain_http = PlainHttp::kAllowed;
  return options;
}

// ---- Templates

RC_GTEST_PROP(GatewayTemplate, EveryValueComesOutAsItWentIn, (const std::vector<std::uint8_t>& bytes)) {
  // UTF-8 of any characters that a text may have, those of every syntax around it first.
  std::string text = "\"\\{}&=?#%+/\r\n\t<>';:@ {secret} {text} ]}";
  for (const auto byte : bytes) text += byte < 0x80 ? std::string(1, static_cast<char>(byte)) : "\u00e9\U0001F600";
  const Variables variables{{Variable::kText, text}, {Variable::kSecret, "the secret"}};

  const auto json = parse_json_template(R"({"a":{"b":["x{text}y"]},"{text}":"z"})").value();
  const auto document = parse_json(filled_body(json, variables));
  RC_ASSERT(document.has_value());
  RC_ASSERT(document->at("a").at("b").at(0).get_string() == "x" + text + "y");
  RC_ASSERT(document->get_object().size() == 2U);

  BodyTemplate form{BodyTemplate::Form::kForm, {{"one", text_of("<{text}>")}, {"two", text_of("2")}}, nullptr};
  const std::string body = filled_body(form, variables);
  RC_ASSERT(std::ranges::count(body, '&') == 1);
  RC_ASSERT(body.starts_with("one=") && body.ends_with("&two=2"));
  RC_ASSERT(percent_decode(body.substr(4, body.size() - 4 - 6), Plus::kIsSpace) == "<" + text + ">");

  const std::string url = filled_url(text_of("https://h/p/{text}/q"), {{"k", text_of("{text}")}}, variables);
  RC_ASSERT(std::ranges::count(url, '/') == 5);
  RC_ASSERT(std::ranges::count(url, '?') == 1);
  RC_ASSERT(url.find_first_of("#&\r\n \"<>@") == std::string::npos);

  const auto header = filled_header(text_of("{text}"), variables);
  RC_ASSERT(!header.has_value());  // It has a line break.
}

TEST(GatewayTemplate, AValueIsNotReadAsATemplate) {
  EXPECT_EQ(text_of("{text}").filled({{Variable::kText, "{secret}"}, {Variable::kSecret, "s"}}), "{secret}");
}

TEST(GatewayTemplate, OtherBracesAreLiteral) {
  EXPECT_EQ(text_of("{}{ to }{TO}{\"a\":1}{to").filled({{Variable::kTo, "x"}}), "{}{ to }{TO}{\"a\":1}{to");
  std::string unknown;
  EXPECT_FALSE(TextTemplate::parse("a{phone}", &unknown));
  EXPECT_EQ(unknown, "phone");
}

TEST(GatewayTemplate, WhatAMessageSays) {
  auto options = options_of(
      R"({"to":"{to}","d":"{digits}","s":"{sender}","c":"{country}","l":"{locale}","e":"{expires_at}",)"
      R"("n":"{number:ttl_seconds}","m":"{number:ttl_minutes}","ms":"{ttl_ms}","u":"{callback_url}","x":"{secret}"})");
  options.senders = {{"", "Palco"}, {"BR", "12345"}};
  options.secret = SecretString(std::string("s3cret"));
  const FakeClock clock;
  auto message = message_to("+5511987654321", Channel::kSms, clock.now() + 90s);
  message.status_callback_url = "https://v.example/callbacks/gateway/g/AC/MS/t";
  const auto call = gateway_call(options, message, clock.now());
  ASSERT_TRUE(call);
  EXPECT_EQ(call->url, "https://sms.example/" + message.id.text() + "/send");
  const auto body = parse_json(call->body).value();
  EXPECT_EQ(body.at("to").get_string(), "+5511987654321");
  EXPECT_EQ(body.at("d").get_string(), "5511987654321");
  EXPECT_EQ(body.at("s").get_string(), "12345");
  EXPECT_EQ(body.at("c").get_string(), "BR");
  EXPECT_EQ(body.at("n").as_int64(), 90);
  EXPECT_EQ(body.at("m").as_int64(), 2);
  EXPECT_EQ(body.at("ms").get_string(), "90000");
  EXPECT_EQ(body.at("x").get_string(), "s3cret");
  EXPECT_EQ(body.at("e").get_string(), to_rfc3339(message.expires_at));
  const auto abroad = gateway_call(options, message_to("+15017122661", Channel::kSms, clock.now() + 90s), clock.now());
  EXPECT_EQ(parse_json(abroad->body)->at("s").get_string(), "Palco");
}

TEST(GatewayTemplate, AHeaderWithALineBreakIsNotSent) {
  auto options = options_of(R"({"t":"{text}"})");
  options.headers = {{"X-Locale", text_of("{locale}")}};
  auto message = message_to("+15017122661", Channel::kSms, from_micros(0) + 10min);
  message.locale = "en\r\nX-Other: 1";
  const auto call = gateway_call(options, message, from_micros(0));
  ASSERT_FALSE(call);
  EXPECT_EQ(call.error().fault, Fault::kMisconfigured);
}

// ---- Answers

Result<Accepted, ProviderError> answered(const GatewayOptions& options, int status, std::string body,
                                         HttpHeaders headers = {}) {
  return read_gateway_answer(options, HttpAnswer{status, std::move(headers), std::move(body), {}}, MessageId{},
                             from_micros(0));
}

TEST(GatewayAnswer, EveryPartMustBeTaken) {
  auto options = options_of("{}");
  options.id = at("/messages/0/id");
  options.success = ValueCheck{at("/messages/*/status"), {"0"}};
  GatewayRule busy{{}, ValueCheck{at("/messages/*/status"), {"1"}}, GatewayOutcome::kRateLimited};
  options.rules = {busy};
  EXPECT_EQ(answered(options, 200, R"({"messages":[{"id":"a","status":"0"},{"id":"b","status":0}]})")->provider_ref,
            "a");
  const auto half = answered(options, 200, R"({"messages":[{"id":"a","status":"0"},{"status":"1"}]})");
  ASSERT_FALSE(half);
  EXPECT_EQ(half.error().fault, Fault::kRateLimited);
  EXPECT_TRUE(half.error().maybe_sent) << "a part of it was taken";
  const auto none = answered(options, 200, R"({"messages":[{"status":"1"}]})");
  EXPECT_FALSE(none.error().maybe_sent);
  EXPECT_EQ(none.error().provider_code, "1");
  const auto unknown = answered(options, 200, R"({"messages":[{"status":"4"}]})");
  EXPECT_EQ(unknown.error().fault, Fault::kMisconfigured);
  EXPECT_EQ(unknown.error().provider_code, "4");
}

TEST(GatewayAnswer, TheFirstRuleThatMatchesDecidesThenTheStatus) {
  auto options = options_of("{}");
  options.rules = {{{400}, ValueCheck{at("/code"), {"21610"}}, GatewayOutcome::kOptedOut},
                   {{}, ValueCheck{at("/code"), {"21610", "21211"}}, GatewayOutcome::kInvalidAddress},
                   {{404}, std::nullopt, GatewayOutcome::kUnsupported}};
  const auto fault = [&](int status, const char* body) { return answered(options, status, body).error().fault; };
  EXPECT_EQ(fault(400, R"({"code":21610})"), Fault::kOptedOut);
  EXPECT_EQ(fault(422, R"({"code":"21610"})"), Fault::kInvalidAddress);
  EXPECT_EQ(fault(404, "<html>"), Fault::kUnsupportedAddress);
  EXPECT_EQ(fault(400, "{}"), Fault::kMisconfigured);
  EXPECT_EQ(fault(422, "<html>"), Fault::kMisconfigured);
  EXPECT_EQ(fault(500, ""), Fault::kUnavailable);
  EXPECT_EQ(fault(301, ""), Fault::kMisconfigured);
  const auto wait = answered(options, 429, "", {{"retry-after", "7"}});
  EXPECT_EQ(wait.error().fault, Fault::kRateLimited);
  EXPECT_EQ(wait.error().retry_after, Duration(7s));
}

TEST(GatewayAnswer, WhatIsNoAnswerIsNotTakenForOne) {
  const auto options = options_of("{}");
  const std::vector<std::string> bodies{"<html>Please log in</html>",
                                        R"({"id":)",
                                        "",
                                        "[]",
                                        "{}",
                                        R"({"id":""})",
                                        R"({"id":{}})",
                                        R"({"id":")" + std::string(200, 'x') + "\"}"};
  for (const auto& body : bodies) {
    const auto result = answered(options, 200, body);
    ASSERT_FALSE(result) << body;
    EXPECT_EQ(result.error().fault, Fault::kUnavailable) << body;
    EXPECT_TRUE(result.error().maybe_sent) << "it may have been sent, so that it is repeated once at most";
  }
}

TEST(GatewayAnswer, AnIdOfMoreDigitsThanANumberKeepsIsTakenAsItStands) {
  const auto options = options_of(R"({"to":"{to}","text":"{text}"})");
  for (const std::string id :
       {"9007199254740991", "9007199254740993", "18446744073709551616", "-9223372036854775808"}) {
    const auto taken = read_gateway_answer(options, HttpAnswer{200, {}, R"({"n":[1, 2.5e3,-7],"id":)" + id + "}"},
                                           MessageId{}, WallTime{});
    ASSERT_TRUE(taken) << id;
    EXPECT_EQ(taken->provider_ref, id);
  }
  // Nothing within a text is a number.
  const std::string text = R"({"id":"a\\\"12345678901234567890","b":"\\","c":1})";
  EXPECT_EQ(at("/id").texts_in(read_gateway_json(text).value()), std::vector<std::string>{"a\\\"12345678901234567890"});
  EXPECT_EQ(read_gateway_json(text), parse_json(text).value());
  for (const char* const broken :
       {"", "\"", "\"\\", "{\"id\":12345678901234567890", "1234567890123456-7", "--1234567890123456"})
    EXPECT_FALSE(read_gateway_json(broken)) << broken;
}

TEST(GatewayAnswer, XmlByTheNameOfAnElement) {
  auto options = options_of("{}");
  options.xml = true;
  options.id = at("/MessageId");
  EXPECT_EQ(answered(options, 200, "<R xmlns=\"x\"><P><MessageId>m-1</MessageId></P></R>")->provider_ref, "m-1");
  for (const std::string body : {"<MessageId>", "<MessageId>a", "<MessageId><b>1</b></MessageId>",
                                 "<messageid>a</messageid>", "<MessageId>a</Other>"})
    EXPECT_FALSE(answered(options, 200, body)) << body;
  EXPECT_FALSE(answered(options, 200, "<MessageId>" + std::string(100'000, 'x') + "</MessageId>"));
}

struct GatewayOverHttp : ::testing::Test {
  Result<Accepted, ProviderError> send(const HttpServer& server, GatewayOptions options) {
    options.url = text_of(server.url("/send"));
    options.timeout = kPatience;
    auto [done, result] = promised<Result<Accepted, ProviderError>>();
    HttpGateway(http, clock, options)
        .send(message_to("+15017122661", Channel::kSms, clock.now() + 10min), std::move(done));
    return wait_for(result);
  }
  FakeClock clock;
  HttpClient http{{}, system_clock()};
};

TEST_F(GatewayOverHttp, AHugeAnswerAndARedirectAreNotFollowed) {
  HttpServer huge([](const ServerRequest&) { return ServerReply{200, {}, std::string(200'000, 'x')}; });
  EXPECT_EQ(send(huge, options_of(R"({"t":"{text}"})")).error().fault, Fault::kUnavailable);
  HttpServer inner([](const ServerRequest&) { return ServerReply{200, {}, R"({"id":"1"})"}; });
  HttpServer redirect([&](const ServerRequest&) { return ServerReply{302, {{"Location", inner.url("/")}}, ""}; });
  EXPECT_EQ(send(redirect, options_of(R"({"t":"{text}"})")).error().fault, Fault::kMisconfigured);
  EXPECT_TRUE(inner.exchanges().empty());
}

TEST_F(GatewayOverHttp, InnerAddressesAreRefusedUnlessTheyAreAllowed) {
  HttpServer server([](const ServerRequest&) { return ServerReply{200, {}, R"({"id":"1"})"}; });
  auto options = options_of(R"({"t":"{text}"})");
  EXPECT_TRUE(send(server, options));
  options.addresses = AddressPolicy::kPublicOnly;
  EXPECT_EQ(send(server, options).error().fault, Fault::kMisconfigured);
  EXPECT_EQ(server.exchanges().size(), 1U);
}

// ---- AWS

// Computed with botocore: the same request, key and time.
TEST(AwsSignature, Vector) {
  const auto now = std::chrono::sys_days(std::chrono::year(2015) / 8 / 30) + 12h + 36min;
  const auto headers = crypto::aws_headers(
      {"us-east-1", "sns", "sns.us-east-1.amazonaws.com", "application/x-www-form-urlencoded; charset=utf-8",
       "Action=Publish&Version=2010-03-31&PhoneNumber=%2B15550100&Message=Code%20123456"},
      "AKIDEXAMPLE", SecretString(std::string("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")), now);
  EXPECT_EQ(headers.date, "20150830T123600Z");
  EXPECT_EQ(headers.authorization,
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/sns/aws4_request, "
            "SignedHeaders=content-type;host;x-amz-date, "
            "Signature=3008c0ef98bc607b4db73247d153117961f68c894e5eb412fe19860ad48e3c86");
}

// ---- Reports

ReportAuth hmac_auth(std::string_view secret) {
  ReportAuth auth;
  auth.kind = ReportAuth::Kind::kHmac;
  auth.secret = SecretString(std::string(secret));
  return auth;
}

// The vectors of the vendors' SDKs.
TEST(GatewayReportAuth, Signatures) {
  auto body = hmac_auth("secret");
  body.header = "x-hub-signature-256";
  body.prefix = "sha256=";
  ReceivedReport report;
  report.body = "test";
  report.headers = {{"x-hub-signature-256", "sha256=0329a06b62cd16b33eb6792be8c60b158d89a2ee3a876fce9a881ebb488c0914"}};
  EXPECT_TRUE(is_believed(body, report));
  report.body = "test ";
  EXPECT_FALSE(is_believed(body, report));

  auto sinch = hmac_auth("secret");
  sinch.header = "x-sinch-webhook-signature";
  sinch.base64 = true;
  sinch.signs = ReportAuth::Signs::kBodyNonceTimestamp;
  sinch.nonce_header = "nonce";
  sinch.timestamp_header = "timestamp";
  ReceivedReport of_sinch;
  of_sinch.body = R"({"a":1})";
  of_sinch.headers = {{"x-sinch-webhook-signature", "OrlDa+7pkB5jTriNoKmWi3McTpnHFdEXgLdkhx7QnkE="},
                      {"nonce", "n1"},
                      {"timestamp", "1700000000"}};
  EXPECT_TRUE(is_believed(sinch, of_sinch));
  of_sinch.headers.emplace_back("nonce", "n1");
  EXPECT_FALSE(is_believed(sinch, of_sinch)) << "given twice";
  of_sinch.headers.resize(2);
  EXPECT_FALSE(is_believed(sinch, of_sinch)) << "without its timestamp";

  auto vonage = hmac_auth("secret");
  vonage.header = "sig";
  vonage.signs = ReportAuth::Signs::kParameters;
  ReceivedReport of_vonage;
  of_vonage.form = {{"status", "delivered"},
                    {"text", "a&b=c"},
                    {"sig", "02190E359A6EC2C40DFC912B061BF9CF652A171F7B7A652F13E2F24898E2A299"},
                    {"msisdn", "447700900000"},
                    {"timestamp", "1700000000"}};
  EXPECT_TRUE(is_believed(vonage, of_vonage));
  of_vonage.form[0].second = "failed";
  EXPECT_FALSE(is_believed(vonage, of_vonage));
}

// As Vonage's own library makes them: npm @vonage/server-sdk 2.11.3, generateSignature(method, "of reports", …) by its
// methods sha1, sha256 and sha512. (createSignatureHash of @vonage/auth 1.18.1 replaces the separators too, against the
// documentation.)
TEST(GatewayReportAuth, ASignatureShorterThanItsPrefixIsNone) {
  auto body = hmac_auth("secret");
  body.header = "x-hub-signature-256";
  body.prefix = "sha256=";
  ReceivedReport report;
  report.body = "test";
  for (const char* given :
       {"", "x", "sha256", "sha512=0329a06b62cd16b33eb6792be8c60b158d89a2ee3a876fce9a881ebb488c0914"}) {
    report.headers = {{"x-hub-signature-256", given}};
    EXPECT_FALSE(is_believed(body, report)) << given;
  }
}

TEST(GatewayReportAuth, WithoutASecretNobodyIsBelieved) {
  ReportAuth auth;
  auth.kind = ReportAuth::Kind::kHeader;
  auth.header = "x-secret";
  ReceivedReport report;
  report.headers = {{"x-secret", ""}, {"authorization", "Basic Og=="}};
  EXPECT_FALSE(is_believed(auth, report));
  auth.kind = ReportAuth::Kind::kBasic;  // Nobody's name and no password.
  EXPECT_FALSE(is_believed(auth, report));
}

TEST(GatewayReportAuth, SignaturesOfVonagesLibrary) {
  constexpr std::pair<ReportAuth::Hash, const char*> kMade[] = {
      {ReportAuth::Hash::kSha1, "b4ceae2f57c6ccd1178b3f6f1891e81239509e66"},
      {ReportAuth::Hash::kSha256, "9790cbf1cbcf0fad894cbf2cb45098cf76a04406c7209d5c70ace26a2d521741"},
      {ReportAuth::Hash::kSha512,
       "cb21c550072e05fd6da7ed1be2d1484978109200e0a78c06aa6ed981a9257a03aea958b6926846b25c7eff2e8b30c7e1be2b28287fbdd46"
       "50b1"
       "ae9dea58af0a8"}};
  for (const auto& [hash, signature] : kMade) {
    auto auth = hmac_auth("of reports");
    auth.header = "sig";
    auth.signs = ReportAuth::Signs::kParameters;
    auth.hash = hash;
    ReceivedReport report;
    report.form = {{"msisdn", "447700900000"}, {"to", "AcmeInc"},           {"messageId", "0A0000000123ABCD1"},
                   {"status", "failed"},       {"err-code", "9"},           {"text", "a&b=c"},
                   {"client-ref", "VL0"},      {"timestamp", "1700000000"}, {"api-key", "abcd1234"},
                   {"sig", signature}};
    EXPECT_TRUE(is_believed(auth, report)) << signature;
    for (auto& [name, value] : report.form) {
      const std::string was = value;
      value = name == "sig" ? std::string(value.rbegin(), value.rend()) : value + "0";
      EXPECT_FALSE(is_believed(auth, report)) << name;
      value = was;
    }
  }
}

TEST(GatewayReportAuth, SecretsInHeaders) {
  ReportAuth basic;
  basic.kind = ReportAuth::Kind::kBasic;
  basic.user = "user";
  basic.secret = SecretString(std::string("pass"));
  ReceivedReport report;
  EXPECT_FALSE(is_believed(basic, report));
  report.headers = {{"authorization", "Basic dXNlcjpwYXNz"}};
  EXPECT_TRUE(is_believed(basic, report));
  basic.secret = SecretString();
  EXPECT_FALSE(is_believed(basic, report)) << "no secret is never right";
}

TEST(GatewayReportReading, ASentenceIsNoCode) {
  GatewayReports how;
  how.state = at("/s");
  how.reason_code = at("/c");
  how.states = {{"no", {contact::DeliveryStage::kFailed, contact::DeliveryReason::kUnknown}}};
  ReceivedReport report;
  report.form = {{"s", "no"}, {"c", "+55 11 98765-4321 is switched off"}};
  EXPECT_EQ(read_gateway_reports(how, report)->at(0).reason_code, "");
  report.form[1].second = "EC_9";
  EXPECT_EQ(read_gateway_reports(how, report)->at(0).reason_code, "EC_9");
  report.form.emplace_back("s", "no");
  EXPECT_THAT(read_gateway_reports(how, report).value(), ::testing::SizeIs(0)) << "given twice";
}

TEST(GatewayReportReading, AListStandsForItsElements) {
  GatewayReports how;
  how.json = true;
  how.state = at("/s");
  how.states = {{"ok", {contact::DeliveryStage::kDelivered, std::nullopt}}};
  ReceivedReport report;
  report.body = R"({"r":[{"s":"ok"},{"s":"ok"}]})";
  for (const char* items : {"/r", "/r/*"}) {
    how.items = at(items);
    EXPECT_THAT(read_gateway_reports(how, report).value(), ::testing::SizeIs(2)) << items;
  }
  how.items.reset();
  report.body = R"([{"s":"ok"},{"s":"ok"},{"s":"?"}])";
  EXPECT_THAT(read_gateway_reports(how, report).value(), ::testing::SizeIs(2)) << "the whole is a list";
}

TEST(GatewayReportReading, IsBounded) {
  GatewayReports how;
  how.json = true;
  how.items = at("/r/*");
  how.state = at("/s");
  how.states = {{"ok", {contact::DeliveryStage::kDelivered, std::nullopt}}};
  ReceivedReport report;
  report.body = R"({"r":[)";
  for (int i = 0; i < 2000; ++i) report.body += R"({"s":"OK"},)";
  report.body += R"({"s":"?"}]})";
  EXPECT_EQ(read_gateway_reports(how, report)->size(), kGatewayReportsMax);
  for (const char* body : {"", "<html>", R"({"r":[{"s":"ok"})", "nonsense"}) {
    report.body = body;
    EXPECT_FALSE(read_gateway_reports(how, report)) << body;
  }
  for (const char* body : {"{}", "[]", R"({"r":{"s":"ok"}})", R"({"r":[{"s":["ok"]}]})"}) {
    report.body = body;
    EXPECT_THAT(read_gateway_reports(how, report).value(), ::testing::SizeIs(0)) << body;
  }
}

}  // namespace
}  // namespace countersign::delivery
