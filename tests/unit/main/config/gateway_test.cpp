#include <gmock/gmock.h>

#include <future>

#include "base/ascii.h"
#include "base/encoding.h"
#include "crypto/hmac.h"
#include "delivery/gateway/report.h"
#include "delivery/providers/http_gateway.h"
#include "main/config/config.h"
#include "support/doubles/gateway_doubles.h"
#include "support/fake_time.h"
#include "support/vectors.h"
#include "unit/main/workplace.h"

// The gateways of deploy/gateways, each against the vendor's wire format; and every mistake in one sentence.
namespace countersign::main {
namespace {

using countersign::testing::FakeClock;
using countersign::testing::GatewayVendor;
using countersign::testing::HttpServer;
using delivery::Accepted;
using delivery::Fault;
using delivery::ProviderError;
using ::testing::HasSubstr;
using ::testing::Not;

struct Example {
  GatewayVendor vendor;
  const char* file;
  const char* name;
  const char* url;  ///< In the file, up to the path.
  Fault refused;
};

const Example kExamples[] = {
    {GatewayVendor::kVonage, "vonage-sms", "vonage", "https://rest.nexmo.com", Fault::kInvalidAddress},
    {GatewayVendor::kInfobip, "infobip", "infobip", "https://xxxxx.api.infobip.com", Fault::kRejected},
    {GatewayVendor::kZenvia, "zenvia", "zenvia", "https://api.zenvia.com", Fault::kMisconfigured},
    {GatewayVendor::kSinch, "sinch", "sinch", "https://us.sms.api.sinch.com", Fault::kMisconfigured},
    {GatewayVendor::kSns, "aws-sns", "sns", "https://sns.us-east-1.amazonaws.com", Fault::kInvalidAddress},
};

std::string example_text(const Example& example) {
  return testing::read_file(std::filesystem::path(CS_SOURCE_DIR) / "deploy" / "gateways" /
                            (std::string(example.file) + ".toml"));
}

ConfigSources with_gateway(const Workplace& place, const std::string& name, const std::string& text,
                           std::string_view secrets) {
  place.write_secrets();
  place.write("countersign.secrets.toml",
              place.read("countersign.secrets.toml") + "\n[providers." + name + "]\n" + std::string(secrets));
  return place.production(replaced(std::string(kGoodConfig), "sms = \"hook\"", "sms = \"" + name + "\"") + text);
}

std::string secrets_of(const Example& example) {
  return "secret = \"" + std::string(testing::kGatewaySecret) + "\"\n" +
         (example.vendor == GatewayVendor::kZenvia ? "report_secret = \"of reports\"\n" : "") +
         (example.vendor == GatewayVendor::kSns ? "" : "inbound_secret = \"of texts\"\n");
}

HttpGatewayConfig loaded(const Example& example, const std::string& text) {
  const Workplace place;
  const auto config = load_config(with_gateway(place, example.name, text, secrets_of(example)));
  if (!config) {
    ADD_FAILURE() << example.file << ": " << config.error().sentence;
    return {};
  }
  return std::get<HttpGatewayConfig>(config->providers.at(example.name));
}

std::vector<std::pair<std::string, std::string>> form_pairs(std::string_view body) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto pair : split_words(body, "&"))
    pairs.emplace_back(pair.substr(0, pair.find('=')), pair.substr(pair.find('=') + 1));
  return pairs;
}

class GatewayExamples : public ::testing::TestWithParam<Example> {
 protected:
  Result<Accepted, ProviderError> send(const std::string& to, std::string_view secret = testing::kGatewaySecret) {
    auto text =
        replaced(example_text(GetParam()), std::string("\nurl = \"") + GetParam().url, "\nurl = \"" + server_.url());
    text = replaced(text, "type = \"http_gateway\"\n",
                    "type = \"http_gateway\"\nprivate_addresses = true\ntimeout = \"60s\"\n");
    auto options = loaded(GetParam(), text).gateway;
    options.channels = {contact::Channel::kSms};
    options.secret = SecretString(std::string(secret));
    delivery::HttpGateway gateway(http_, clock_, options);
    testing::SeededRandom random;
    Moment moment{clock_.now(), random};
    delivery::OutgoingMessage message{};
    message.id = MessageId::make(moment);
    message.channel = contact::Channel::kSms;
    message.to = to;
    message.body = "Palco: 482913 \"autoriza\" R$ 39,99 & mais\n\n@palco.example #482913";
    message.locale = "pt-BR";
    message.expires_at = clock_.now() + std::chrono::minutes(10);
    message.status_callback_url = "https://verify.example.com/callbacks/gateway/x/AC1/MS1/0123?";
    std::promise<Result<Accepted, ProviderError>> promise;
    auto answer = promise.get_future();
    gateway.send(std::move(message),
                 [&](Result<Accepted, ProviderError> result) { promise.set_value(std::move(result)); });
    return answer.get();
  }

  FakeClock clock_;
  HttpServer server_{[](const testing::ServerRequest& request) { return answer_as(GetParam().vendor, request); }};
  delivery::HttpClient http_{{}, system_clock()};
};

TEST_P(GatewayExamples, Takes) {
  const auto accepted = send("+5511987654321");
  ASSERT_TRUE(accepted) << accepted.error().detail << accepted.error().provider_code
                        << server_.exchanges().at(0).request.body;
  EXPECT_EQ(accepted->provider_ref, testing::gateway_ref(GetParam().vendor));
}

TEST_P(GatewayExamples, RefusesANumber) {
  const auto refused = send("+5511987650001");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, GetParam().refused);
  EXPECT_FALSE(refused.error().maybe_sent);
}

TEST_P(GatewayExamples, HasHadTooMany) {
  const auto busy = send("+5511987650002");
  ASSERT_FALSE(busy);
  EXPECT_EQ(busy.error().fault, Fault::kRateLimited);
  EXPECT_TRUE(delivery::is_retryable(busy.error()));
}

TEST_P(GatewayExamples, AWrongSecretIsAMisconfiguration) {
  if (GetParam().vendor == GatewayVendor::kSns) GTEST_SKIP() << "the double does not know the key";
  const auto refused = send("+5511987654321", "wrong");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, Fault::kMisconfigured);
}

TEST_P(GatewayExamples, ReadsItsReports) {
  const auto& example = GetParam();
  const auto config = loaded(example, example_text(example));
  if (example.vendor == GatewayVendor::kSns) {
    EXPECT_FALSE(config.gateway.reports);
    EXPECT_EQ(config.reports, contact::Reports::kUnusable);
    return;
  }
  EXPECT_EQ(config.reports, contact::Reports::kUsable);
  for (const bool arrived : {true, false}) {
    delivery::ReceivedReport report;
    report.body = testing::report_as(example.vendor, "MS-OURS", arrived);
    if (!config.gateway.reports->json) report.form = form_pairs(report.body);
    const auto read = delivery::read_gateway_reports(*config.gateway.reports, report);
    ASSERT_TRUE(read);
    ASSERT_EQ(read->size(), 1U) << report.body;
    EXPECT_EQ(read->at(0).provider_ref, testing::gateway_ref(example.vendor));
    EXPECT_EQ(read->at(0).said.stage, arrived ? contact::DeliveryStage::kDelivered : contact::DeliveryStage::kFailed);
    EXPECT_EQ(read->at(0).said.reason.has_value(), !arrived);
  }
  if (example.vendor == GatewayVendor::kZenvia) {
    delivery::ReceivedReport report;
    EXPECT_FALSE(delivery::is_believed(config.gateway.reports->auth, report));
    report.headers = {{"x-countersign", "of report"}};
    EXPECT_FALSE(delivery::is_believed(config.gateway.reports->auth, report)) << "forged";
    report.headers = {{"x-countersign", "of reports"}};
    EXPECT_TRUE(delivery::is_believed(config.gateway.reports->auth, report));
  }
}

struct VendorReason {
  const char* code;
  contact::DeliveryReason reason;
};

/// What the vendor's documentation calls so (docs/sms-gateways.md names it).
std::vector<VendorReason> reasons_of(GatewayVendor vendor) {
  using enum contact::DeliveryReason;
  switch (vendor) {
    case GatewayVendor::kVonage:
      return {{"2", kUnavailable}, {"3", kInvalidAddress}, {"6", kBlocked}, {"9", kOptedOut}, {"10", kMisconfigured}};
    case GatewayVendor::kInfobip:
      return {{"1", kInvalidAddress},  // EC_UNKNOWN_SUBSCRIBER
              {"27", kUnavailable},    // EC_ABSENT_SUBSCRIBER
              {"13", kBlocked},        // EC_CALL_BARRED
              {"603", kOptedOut},      // EC_CONTENT_BLOCKED, "user opt-out (MO: STOP)"
              {"568", kLandline},      // EC_DESTINATION_NOT_SMS_PROVISIONED
              {"592", kUnsupportedAddress},
              {"572", kMisconfigured},  // EC_CAMPAIGNID_NOT_PROVISIONED
              {"4101", kExpired},       // EC_VALIDITY_EXPIRED
              {"632", kRejected}};
    case GatewayVendor::kZenvia:
      return {{"134", kBlocked}, {"140", kUnsupportedAddress}, {"145", kInvalidAddress}, {"160", kUnavailable}};
    case GatewayVendor::kSinch:
      return {{"404", kUnavailable}, {"406", kExpired}, {"408", kRejected}, {"412", kMisconfigured}};
    case GatewayVendor::kSns:
      break;
  }
  return {};
}

TEST_P(GatewayExamples, NamesReasonsInOurWords) {
  const auto& example = GetParam();
  const auto config = loaded(example, example_text(example));
  for (const auto& [code, reason] : reasons_of(example.vendor)) {
    delivery::ReceivedReport report;
    report.body = testing::report_as(example.vendor, "MS-OURS", false, code);
    if (!config.gateway.reports->json) report.form = form_pairs(report.body);
    const auto read = delivery::read_gateway_reports(*config.gateway.reports, report);
    ASSERT_TRUE(read);
    ASSERT_EQ(read->size(), 1U) << report.body;
    EXPECT_EQ(read->at(0).said.reason, reason) << example.name << " " << code;
    EXPECT_EQ(read->at(0).reason_code, code);
  }
}

/// What the vendor sends where somebody has written that, with its proof by the secret of the examples.
delivery::ReceivedReport passed_on(GatewayVendor vendor, std::string_view text) {
  delivery::ReceivedReport report;
  report.body = testing::text_as(vendor, "5511987654321", text);
  const auto mac = [](std::string_view of) { return crypto::hmac(crypto::Hash::kSha256, "of texts", of); };
  switch (vendor) {
    case GatewayVendor::kVonage: {
      std::map<std::string, std::string> sorted;
      report.form = form_pairs(report.body);
      std::string signed_text;
      for (const auto& [name, value] : report.form) sorted[name] = value;
      for (const auto& [name, value] : sorted) signed_text += '&' + name + '=' + value;
      report.form.emplace_back("sig", to_hex(mac(signed_text)));
      break;
    }
    case GatewayVendor::kInfobip:
      report.headers = {{"authorization", "Basic " + to_base64("countersign:of texts")}};
      break;
    case GatewayVendor::kZenvia:
      report.headers = {{"x-countersign", "of texts"}};
      break;
    case GatewayVendor::kSinch:
      report.headers = {{"x-sinch-webhook-signature-nonce", "n1"},
                        {"x-sinch-webhook-signature-timestamp", "1795176001"},
                        {"x-sinch-webhook-signature", to_base64(mac(report.body + ".n1.1795176001"))}};
      break;
    case GatewayVendor::kSns:
      break;
  }
  return report;
}

TEST_P(GatewayExamples, ReadsWhatPeopleWriteToIt) {
  const auto& example = GetParam();
  const auto config = loaded(example, example_text(example));
  EXPECT_EQ(config.gateway.inbound.has_value(), example.vendor != GatewayVendor::kSns);
  if (!config.gateway.inbound) return;
  const auto& inbound = *config.gateway.inbound;
  const auto report = passed_on(example.vendor, "SAIR");
  EXPECT_TRUE(delivery::is_believed(inbound.auth, report));
  const auto texts = delivery::read_gateway_texts(inbound, report);
  ASSERT_TRUE(texts);
  ASSERT_EQ(texts->size(), 1U) << report.body;
  EXPECT_EQ(texts->at(0).from, "5511987654321");
  EXPECT_EQ(texts->at(0).text, "SAIR");
  ASSERT_TRUE(texts->at(0).sent);
  EXPECT_EQ(to_unix_seconds(*texts->at(0).sent), 1'795'176'001);

  auto forged = report;
  forged.headers.clear();
  std::erase_if(forged.form, [](const auto& field) { return field.first == "sig"; });
  EXPECT_FALSE(delivery::is_believed(inbound.auth, forged)) << "without its proof";
  forged = passed_on(example.vendor, "START");
  if (inbound.auth.kind == delivery::ReportAuth::Kind::kHmac) {
    forged.headers = report.headers;
    if (!forged.form.empty()) forged.form.back() = report.form.back();
    EXPECT_FALSE(delivery::is_believed(inbound.auth, forged)) << "the proof of another message";
  }
}

TEST_P(GatewayExamples, IsToldBrokenThings) {
  const auto& example = GetParam();
  const auto config = loaded(example, example_text(example));
  if (!config.gateway.inbound) return;
  const auto& inbound = *config.gateway.inbound;
  const auto none = [&](delivery::ReceivedReport report, const char* what) {
    const auto texts = delivery::read_gateway_texts(inbound, report);
    for (const auto& text : texts.value_or(std::vector<delivery::GatewayText>()))
      EXPECT_TRUE(text.from.empty() || text.text.empty()) << what;
  };
  none({}, "nothing");
  none({{}, "<html><body>STOP</body></html>", {}}, "a page");
  auto half = passed_on(example.vendor, "STOP");
  half.body.resize(half.body.size() / 2);
  half.form.resize(half.form.size() / 4);
  none(half, "half");
  none({{{"msisdn", "5511987654321"}, {"text", "STOP"}, {"text", "START"}, {"msisdn", "1"}}, "", {}}, "twice");
  none(passed_on(example.vendor, std::string(200, 'x')), "a long text");
  none({{}, testing::report_as(example.vendor, "MS-OURS", true), {}}, "a delivery report");
}

INSTANTIATE_TEST_SUITE_P(All, GatewayExamples, ::testing::ValuesIn(kExamples),
                         [](const auto& info) { return std::string(info.param.name); });

constexpr std::string_view kSmallest =
    "[providers.g]\ntype = \"http_gateway\"\nurl = \"https://sms.example.com/send\"\nid = \"/id\"\n"
    "json = '''{\"to\":\"{to}\",\"text\":\"{text}\"}'''\n";

std::string mistake(std::string_view from, std::string_view to, std::string_view secrets = "") {
  const Workplace place;
  return sentence_of(with_gateway(place, "g", replaced(std::string(kSmallest), from, to), secrets));
}

TEST(ConfigGateway, TheSmallestLoads) { EXPECT_EQ(mistake("type", "type"), ""); }

TEST(ConfigGateway, EveryMistakeIsNamed) {
  const std::string json = "json = '''{\"to\":\"{to}\",\"text\":\"{text}\"}'''\n";
  EXPECT_THAT(mistake("https://", "http://"), HasSubstr("providers.g.url must start with https://"));
  EXPECT_THAT(mistake("sms.example.com", "{country}.example.com"),
              HasSubstr("must have its host and a / before the first variable"));
  EXPECT_THAT(mistake("{to}", "{too}"), HasSubstr("{too}"));
  EXPECT_THAT(mistake("{text}", "hello"), HasSubstr("must have {text}"));
  EXPECT_THAT(mistake("{to}", "you"), HasSubstr("to whom does the message go?"));
  EXPECT_THAT(mistake("{\"to\"", "{\"to"), HasSubstr("providers.g.json is no JSON"));
  EXPECT_THAT(mistake("{to}", "{number:text}"), HasSubstr("{number:…}"));
  EXPECT_THAT(mistake("id = \"/id\"\n", ""), HasSubstr("id and success are both missing"));
  EXPECT_THAT(mistake("\"/id\"", "\"id\""), HasSubstr("a JSON pointer"));
  EXPECT_THAT(mistake("id =", "auth = \"bearer\"\nid ="), HasSubstr("providers.g.secret is missing"));
  EXPECT_THAT(mistake("type", "type", "secret = \"s\"\n"), HasSubstr("nothing names it"));
  EXPECT_THAT(mistake("id =", "reports = \"usable\"\nid ="), HasSubstr("there is no table report"));
  EXPECT_THAT(mistake("{to}", "{to}{callback_url}"), HasSubstr("providers.g.report is missing"));
  EXPECT_THAT(mistake("{to}", "{to}{sender}"), HasSubstr("senders must have default"));
  EXPECT_THAT(mistake("id =", "senders = { XX = \"1\" }\nid ="), HasSubstr("is no country"));
  EXPECT_THAT(mistake("id =", "senders = { default = \"A name too long\" }\nid ="), HasSubstr("at most 11"));
  EXPECT_THAT(mistake("id =", "headers = { X-T = \"{text}\" }\nid ="), HasSubstr("several lines"));
  EXPECT_THAT(
      mistake("id = \"/id\"\n" + json,
              "success = { pointer = \"/ok\", values = [\"1\"] }\n" + replaced(json, "{text}", "{text}{callback_url}") +
                  "[providers.g.report]\nid = \"/id\"\nstate = \"/s\"\nstates = { X = \"delivered\" }\n"),
      HasSubstr("report.id is compared with it"));
  EXPECT_THAT(mistake("id =", "senders = { default = \"Palco\" }\nid ="),
              HasSubstr("senders is set, but nothing names it"));
  EXPECT_THAT(mistake("id =", "method = \"GET\"\nid ="), HasSubstr("is GET, which has no body"));
  const std::string aws = "auth = \"aws_sigv4\"\nuser = \"A\"\nregion = \"r\"\nservice = \"sns\"\n";
  EXPECT_THAT(mistake("id =", aws + "id =", "secret = \"s\"\n"), HasSubstr("without path and query"));
  EXPECT_EQ(mistake("send\"\n", "\"\n" + aws, "secret = \"s\"\n"), "");
  EXPECT_THAT(mistake("send\"\n", "\"\nquery = { a = \"b\" }\n" + aws, "secret = \"s\"\n"),
              HasSubstr("without path and query"));
  EXPECT_THAT(mistake(json,
                      json + "[providers.g.report]\nformat = \"json\"\nstate = \"/s\"\nstates = { X = \"delivered\" }\n"
                             "auth = \"hmac\"\nheader = \"X-S\"\nsigns = \"parameters\"\n",
                      "report_secret = \"s\"\n"),
              HasSubstr("which a report in JSON does not have"));
  EXPECT_THAT(mistake("id =", "headers = { content-type = \"application/json\" }\nid ="), HasSubstr("leave it out"));
  EXPECT_THAT(mistake("id =", "headers = { Content-Length = \"1\" }\nid ="), HasSubstr("follows from the request"));
  EXPECT_THAT(mistake("id =", "auth = \"bearer\"\nheaders = { authorization = \"App x\" }\nid =", "secret = \"s\"\n"),
              HasSubstr("has Authorization, which auth makes"));
  EXPECT_THAT(mistake(json, json + "[[providers.g.rules]]\nstatus = 400\noutcome = \"lost\"\n"),
              HasSubstr("invalid_address, unsupported, blocked"));
  EXPECT_THAT(mistake(json, json + "[providers.g.report]\nstate = \"/s\"\nstates = { X = \"arrived\" }\n"),
              HasSubstr("a stage (accepted, sent, delivered, read, failed)"));
  EXPECT_THAT(mistake(json, json + "[providers.g.report]\nstate = \"/s\"\nstates = { X = \"delivered\" }\n"),
              HasSubstr("the token in {callback_url}, which the template does not have"));
}

TEST(ConfigGateway, WhatPeopleWriteIsBelievedByASecretAlone) {
  const std::string json = "json = '''{\"to\":\"{to}\",\"text\":\"{text}\"}'''\n";
  const std::string inbound = "[providers.g.inbound]\nformat = \"json\"\nfrom = \"/f\"\ntext = \"/t\"\n";
  const auto said = [&](const std::string& table, std::string_view secrets = "inbound_secret = \"s\"\n") {
    return mistake(json, json + table, secrets);
  };
  EXPECT_EQ(said(inbound + "auth = \"header\"\nheader = \"X-S\"\n"), "");
  EXPECT_THAT(said(inbound), HasSubstr("inbound.auth must be header, basic or hmac"));
  EXPECT_THAT(said(inbound + "auth = \"token\"\n"), HasSubstr("inbound.auth must be header, basic or hmac"));
  EXPECT_THAT(said(inbound + "auth = \"header\"\nheader = \"X-S\"\n", ""), HasSubstr("inbound_secret is missing"));
  EXPECT_THAT(said(inbound + "auth = \"header\"\n"), HasSubstr("inbound.header must name the header"));
  EXPECT_THAT(said(inbound + "auth = \"basic\"\n"), HasSubstr("inbound.user is missing"));
  EXPECT_THAT(said(inbound + "auth = \"hmac\"\nheader = \"s\"\nsigns = \"parameters\"\n"),
              HasSubstr("which a report in JSON does not have"));
  const std::string header = "auth = \"header\"\nheader = \"X-S\"\n";
  EXPECT_THAT(said(replaced(inbound, "from = \"/f\"\n", "") + header), HasSubstr("inbound.from is missing"));
  EXPECT_THAT(said(replaced(inbound, "text = \"/t\"\n", "") + header), HasSubstr("inbound.text is missing"));
  EXPECT_THAT(said(replaced(inbound, "\"/t\"", "\"t\"") + header), HasSubstr("a JSON pointer"));
  EXPECT_THAT(said(inbound + header + "only = { pointer = \"/x\" }\n"), HasSubstr("values is missing"));
  EXPECT_THAT(said("", "inbound_secret = \"s\"\n"), HasSubstr("inbound_secret"));
}

TEST(ConfigGateway, CheckConfigSaysWhoseStopIsNotHeard) {
  const Workplace place;
  const auto lacks = [&](std::string_view from, std::string_view to) {
    const auto config = load_config(with_gateway(place, "g", replaced(std::string(kSmallest), from, to), ""));
    return config ? summary(*config, "") : "does not load";
  };
  EXPECT_THAT(lacks("type", "type"), HasSubstr("gateway g has no table inbound"));
  const std::string_view sender = "{to}\",\"from\":\"{sender}";
  EXPECT_THAT(lacks("{to}", std::string(sender)), Not(HasSubstr("table inbound")));  // Does not load: no senders.
  const auto with = [&](std::string_view senders) {
    return lacks("id = \"/id\"\njson = '''{\"to\":\"{to}",
                 "id = \"/id\"\nsenders = " + std::string(senders) + "\njson = '''{\"to\":\"" + std::string(sender));
  };
  EXPECT_THAT(with("{ default = \"12345\" }"), HasSubstr("gateway g has no table inbound"));
  EXPECT_THAT(with("{ default = \"Palco\", BR = \"+5511400000000\" }"), HasSubstr("gateway g has no table inbound"));
  const auto name = with("{ default = \"Palco\" }");
  EXPECT_THAT(name, HasSubstr("gateway g has no table report"));
  EXPECT_THAT(name, Not(HasSubstr("table inbound")));
}

TEST(GatewayTime, IsReadAsVendorsWriteIt) {
  const auto at = [](std::string_view text) {
    const auto time = delivery::parse_gateway_time(text);
    return time ? to_micros(*time) / 1000 : -1;
  };
  constexpr std::int64_t kThen = 1'795'176'001'000;
  for (const auto* text : {"2026-11-20T12:00:01Z", "2026-11-20 12:00:01", "2026-11-20T12:00:01.000+0000",
                           "2026-11-20T09:00:01-0300", "2026-11-20T09:00:01.000-03:00", "1795176001", "1795176001000"})
    EXPECT_EQ(at(text), kThen) << text;
  EXPECT_EQ(at("2026-11-20T12:00:01.542Z"), kThen + 542);
  for (const auto* text :
       {"", "1", "179517600", "17951760010", "99999999999999999999", "2026-11-20", "2026-13-20T12:00:01Z",
        "2026-11-20T12:00", "yesterday at twelve o'clock", "2026-11-20T12:00:01+", "-1795176001"})
    EXPECT_EQ(at(text), -1) << text;
}

TEST(ConfigGateway, CheckConfigSaysWhatAGatewayLacks) {
  const Workplace place;
  const auto config = load_config(with_gateway(place, "g", std::string(kSmallest), ""));
  ASSERT_TRUE(config);
  const auto text = summary(*config, "");
  EXPECT_THAT(text, HasSubstr("gateway g has no table report"));
  EXPECT_THAT(text, HasSubstr("gateway g has no {ttl_…} or {expires_at}"));
  EXPECT_THAT(text, Not(HasSubstr("gateway g has no id")));
}

}  // namespace
}  // namespace countersign::main
