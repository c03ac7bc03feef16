#include "delivery/providers/whatsapp_cloud.h"

#include <gmock/gmock.h>

#include "delivery/providers/whatsapp_errors.h"
#include "delivery/providers/whatsapp_report.h"
#include "support/doubles/whatsapp_double.h"
#include "unit/delivery/provider_fixture.h"

namespace countersign::delivery {
namespace {

using namespace testing;
using countersign::testing::FakeClock;
using countersign::testing::ServerReply;
using countersign::testing::WhatsappDouble;
using ::testing::IsEmpty;
using ::testing::Not;

struct WhatsappCloudTest : ::testing::Test {
  WhatsappCloudTest() {
    options.phone_number_id = WhatsappDouble::kPhoneNumberId;
    options.access_token = SecretString(std::string(WhatsappDouble::kToken));
    options.template_name = WhatsappDouble::kTemplate;
    options.languages = {{"pt-BR", "pt_BR"}, {"en", "en_US"}, {"es", "es_MX"}};
    options.base_url = meta.server().url();
    options.plain_http = PlainHttp::kAllowed;
    options.timeout = kPatience;
  }
  ~WhatsappCloudTest() override { EXPECT_THAT(meta.violations(), IsEmpty()); }

  Result<Accepted, ProviderError> send(OutgoingMessage message) {
    auto [done, result] = promised<Result<Accepted, ProviderError>>();
    WhatsappCloud(http, clock, options).send(std::move(message), std::move(done));
    return wait_for(result);
  }
  OutgoingMessage code() { return message_to("+5511999990000", Channel::kWhatsapp, clock.now() + 10min); }

  WhatsappDouble meta;
  WhatsappCloudOptions options;
  FakeClock clock;
  HttpClient http{{}, system_clock()};
};

TEST_F(WhatsappCloudTest, SendsTheCodeTwiceInTheTemplateOfTheLanguage) {
  const auto accepted = send(code());
  ASSERT_TRUE(accepted);
  EXPECT_EQ(accepted->provider_ref, "wamid.HBgL1AA==");
  // Meta's own example of an authentication template, with our values.
  auto expected = parse_json(R"({"messaging_product":"whatsapp","to":"5511999990000","type":"template",
      "template":{"name":"otp_code","language":{"code":"pt_BR"},"components":[
        {"type":"body","parameters":[{"type":"text","text":"482913"}]},
        {"type":"button","sub_type":"url","index":"0","parameters":[{"type":"text","text":"482913"}]}]}})");
  auto sent = meta.messages().at(0);
  EXPECT_TRUE(sent.erase("biz_opaque_callback_data"));
  EXPECT_EQ(sent, expected->as_object());
}

TEST_F(WhatsappCloudTest, TellsTheApprovedFactsToNobody) {
  ASSERT_TRUE(send(code()));
  const std::string wire = meta.server().exchanges().at(0).request.body;
  EXPECT_THAT(wire, Not(::testing::HasSubstr("Acme")));  // The text has no place in the template.
  EXPECT_FALSE(WhatsappCloud(http, clock, options).shows_display(Channel::kWhatsapp));
  EXPECT_TRUE(WhatsappCloud(http, clock, options).supports(Channel::kWhatsapp));
  EXPECT_FALSE(WhatsappCloud(http, clock, options).supports(Channel::kSms));
}

TEST_F(WhatsappCloudTest, ANoticeHasNoTemplate) {
  auto notice = code();
  notice.code.clear();
  const auto result = send(std::move(notice));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().fault, Fault::kMisconfigured);
  EXPECT_THAT(meta.server().exchanges(), IsEmpty());
}

TEST(BestFor, PrefersTheLocaleThenTheLanguageThenEnglish) {
  const ByLocale entries = {{"de", "D"}, {"en-GB", "E"}, {"pt-BR", "P"}, {"pt-PT", "Q"}};
  EXPECT_EQ(best_for(entries, "pt-PT"), "Q");
  EXPECT_EQ(best_for(entries, "pt"), "P");
  EXPECT_EQ(best_for(entries, "en-US"), "E");
  EXPECT_EQ(best_for(entries, "ja"), "E");
  EXPECT_EQ(best_for(entries, ""), "E");
  EXPECT_EQ(best_for({{"pt-BR", "P"}}, "es"), "P");
}

TEST_F(WhatsappCloudTest, AnythingButJsonInTheMessageStaysText) {
  auto message = code();
  message.code = SecretString("1\"},{\"x\n");
  const auto result = send(std::move(message));
  const auto sent = parse_json(meta.server().exchanges().at(0).request.body);
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->at("template").at("components").as_array().size(), 2U);
  EXPECT_EQ(sent->at("template").at("components").at(0).at("parameters").at(0).at("text"), "1\"},{\"x\n");
  EXPECT_TRUE(result);
}

TEST_F(WhatsappCloudTest, UndocumentedAnswers) {
  for (const auto& [name, reply, fault, maybe_sent] : bad_answers()) {
    SCOPED_TRACE(name);
    meta.answer_next(reply);
    const auto result = send(code());
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().fault, fault) << result.error().detail;
    EXPECT_EQ(result.error().maybe_sent, maybe_sent);
  }
  for (const char* body :
       {R"({"messages":[]})", R"({"messages":[{"id":""}]})", R"({"messages":[{"id":"a b"}]})", R"({"messages":{}})",
        R"({"messages":[{"id":"a"},{"id":"b"}]})", R"({"messages":["wamid.1"]})", R"({"messages":[{"id":7}]})",
        R"({"messages":[{"id":"wamid)"}) {
    SCOPED_TRACE(body);
    meta.answer_next({200, {{"Content-Type", "application/json"}}, body});
    const auto result = send(code());
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().fault, Fault::kUnavailable);
    EXPECT_TRUE(result.error().maybe_sent);
  }
  meta.answer_next({200, {}, R"({"messages":[{"id":")" + std::string(300, 'x') + R"("}]})"});
  EXPECT_FALSE(send(code()));
}

TEST_F(WhatsappCloudTest, TheCodeOfAnErrorDecidesWhateverItsStatus) {
  struct Row {
    int code;
    Fault fault;
  };
  using enum Fault;
  for (const auto& [number, fault] : std::vector<Row>{// A number without WhatsApp: another channel can take it at once.
                                                      {131026, kUnsupportedAddress},
                                                      {131021, kUnsupportedAddress},
                                                      {131062, kUnsupportedAddress},
                                                      {130497, kUnsupportedAddress},
                                                      // Another channel now.
                                                      {131049, kBlocked},
                                                      {130472, kBlocked},
                                                      {131050, kBlocked},
                                                      {131047, kBlocked},
                                                      {131056, kBlocked},
                                                      {130429, kRateLimited},
                                                      {131048, kRateLimited},
                                                      {131064, kRateLimited},
                                                      {80007, kRateLimited},
                                                      {4, kRateLimited},
                                                      {1, kUnavailable},
                                                      {2, kUnavailable},
                                                      {131000, kUnavailable},
                                                      {131016, kUnavailable},
                                                      {131057, kUnavailable},
                                                      {135000, kUnavailable},
                                                      {0, kMisconfigured},
                                                      {3, kMisconfigured},
                                                      {10, kMisconfigured},
                                                      {190, kMisconfigured},
                                                      {200, kMisconfigured},
                                                      {299, kMisconfigured},
                                                      {33, kMisconfigured},
                                                      {100, kMisconfigured},
                                                      {368, kMisconfigured},
                                                      {131005, kMisconfigured},
                                                      {131008, kMisconfigured},
                                                      {131009, kMisconfigured},
                                                      {131030, kMisconfigured},
                                                      {131031, kMisconfigured},
                                                      {131037, kMisconfigured},
                                                      {131042, kMisconfigured},
                                                      {131045, kMisconfigured},
                                                      {132000, kMisconfigured},
                                                      {132001, kMisconfigured},
                                                      {132005, kMisconfigured},
                                                      {132007, kMisconfigured},
                                                      {132008, kMisconfigured},
                                                      {132012, kMisconfigured},
                                                      {132015, kMisconfigured},
                                                      {132016, kMisconfigured}}) {
    for (const int status : {400, 500}) {
      SCOPED_TRACE(number);
      meta.answer_next(WhatsappDouble::error(status, number));
      const auto result = send(code());
      ASSERT_FALSE(result);
      EXPECT_EQ(result.error().fault, fault);
      EXPECT_EQ(result.error().provider_code, std::to_string(number));
      EXPECT_THAT(result.error().detail, Not(::testing::HasSubstr("5511999990000")));  // Meta's details name people.
      EXPECT_EQ(is_retryable(result.error()), fault == kUnavailable || fault == kRateLimited);
      if (!is_retryable(result.error())) {
        EXPECT_FALSE(result.error().maybe_sent);
      }
    }
  }
  meta.answer_next(WhatsappDouble::error(400, 999'001));
  EXPECT_EQ(send(code()).error().fault, kRejected);
  meta.answer_next(WhatsappDouble::error(503, 999'001));
  EXPECT_EQ(send(code()).error().fault, kUnavailable);
  EXPECT_EQ(whatsapp_error_of_code(131026).notice, PersonNotice::kNumberNotSupported);
  EXPECT_EQ(whatsapp_error_of_code(-1).fault, kRejected);
}

TEST_F(WhatsappCloudTest, ATemplateThatIsNotApprovedInTheLanguageIsForTheOperator) {
  meta.approve_only({"en_US"});
  const auto result = send(code());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().fault, Fault::kMisconfigured);
  EXPECT_EQ(result.error().provider_code, "132001");
  EXPECT_THAT(result.error().detail, ::testing::HasSubstr("languages"));
}

TEST(WhatsappErrors, TheTableAscends) {
  int last = -1;
  for (const auto& row : whatsapp_errors()) {
    EXPECT_GT(row.first, last);
    EXPECT_GE(row.last, row.first);
    last = row.last;
  }
}

struct WhatsappReports : WhatsappCloudTest {
  WhatsappReports() {
    auto message = code();
    message.account = AccountId::make(moment);
    account = message.account;
    id = message.id;
    EXPECT_TRUE(send(std::move(message)));
    sent = meta.messages().at(0);
  }
  std::vector<WhatsappReport> read(const json::object& status) {
    return read_whatsapp_webhook(WhatsappDouble::webhook({status})).reports;
  }

  countersign::testing::SeededRandom random;
  Moment moment{clock.now(), random};
  AccountId account;
  MessageId id;
  json::object sent;
};

TEST_F(WhatsappReports, FindOurMessage) {
  for (const auto& [word, status] :
       std::vector<std::pair<const char*, contact::DeliveryStage>>{{"sent", contact::DeliveryStage::kSent},
                                                                   {"delivered", contact::DeliveryStage::kDelivered},
                                                                   {"read", contact::DeliveryStage::kRead},
                                                                   {"failed", contact::DeliveryStage::kFailed}}) {
    const auto reports = read(WhatsappDouble::status(sent, "wamid.1", word));
    ASSERT_EQ(reports.size(), 1U) << word;
    EXPECT_EQ(reports[0].account, account);
    EXPECT_EQ(reports[0].message, id);
    EXPECT_EQ(reports[0].provider_ref, "wamid.1");
    EXPECT_EQ(reports[0].stage, status);
    EXPECT_EQ(reports[0].error.has_value(), status == contact::DeliveryStage::kFailed);
  }
}

TEST_F(WhatsappReports, NeedNeitherNumberNorPrice) {
  auto status = WhatsappDouble::status(sent, "wamid.1", "delivered");
  for (const char* name : {"recipient_id", "conversation", "pricing", "timestamp"}) status.erase(name);
  EXPECT_EQ(read(status).size(), 1U);
}

TEST_F(WhatsappReports, SayWhyAMessageFailed) {
  const json::array errors{json::object{{"title", "x"}},
                           json::object{{"code", 131026}, {"error_data", {{"details", "d"}}}}};
  const auto reports = read(WhatsappDouble::status(sent, "wamid.1", "failed", {{"errors", errors}}));
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].error->fault, Fault::kUnsupportedAddress);
  EXPECT_EQ(reports[0].error->provider_code, "131026");
  for (const json::value& wrong :
       std::vector<json::value>{nullptr, "x", json::array{}, json::array{7}, json::object{}}) {
    const auto vague = read(WhatsappDouble::status(sent, "wamid.1", "failed", {{"errors", wrong}}));
    ASSERT_EQ(vague.size(), 1U);
    EXPECT_EQ(vague[0].error->fault, Fault::kRejected);
  }
}

TEST_F(WhatsappReports, WhatIsNotOursIsIgnored) {
  for (const json::object& more : std::vector<json::object>{{{"biz_opaque_callback_data", "somebody else's"}},
                                                            {{"biz_opaque_callback_data", "AC1/VL2"}},
                                                            {{"biz_opaque_callback_data", 7}},
                                                            {{"biz_opaque_callback_data", nullptr}},
                                                            {{"id", 7}},
                                                            {{"id", ""}},
                                                            {{"id", std::string(300, 'x')}},
                                                            {{"status", "deleted"}},
                                                            {{"status", 1}}})
    EXPECT_THAT(read(WhatsappDouble::status(sent, "wamid.1", "delivered", more)), IsEmpty());
  for (const char* body :
       {"", "x", "[]", "{}", R"({"entry":{}})", R"({"entry":[{"changes":[{"field":"messages","value":[]}]}]})",
        R"({"entry":[7,{"changes":[null]}]})",
        R"({"entry":[{"changes":[{"field":"messages","value":{"statuses":[1]}}]}]})",
        R"({"entry":[{"changes":[{"field":"account_update","value":{"statuses":[]}}]}]})", "<html>",
        R"({"entry":[{"changes":[)"})
    EXPECT_THAT(read_whatsapp_webhook(body).reports, IsEmpty()) << body;
  EXPECT_THAT(read_whatsapp_webhook(std::string(100'000, '[')).reports, IsEmpty());
}

TEST(WhatsappTexts, AreWhatPeopleType) {
  const WallTime sent = from_rfc3339("2026-11-30T12:00:00Z").value();
  auto hidden = WhatsappDouble::text("", "STOP", sent);
  hidden.erase("from");  // She hides her number.
  const auto texts = read_whatsapp_webhook(
                         WhatsappDouble::written({WhatsappDouble::text("5511987654321", " Parar ", sent), hidden,
                                                  WhatsappDouble::text("5511987654321", std::string(4000, 'x'), sent)}))
                         .texts;
  ASSERT_EQ(texts.size(), 3U);
  EXPECT_EQ(texts[0].phone_number_id, WhatsappDouble::kPhoneNumberId);
  EXPECT_EQ(texts[0].from, "5511987654321");
  EXPECT_EQ(texts[0].text, " Parar ");
  EXPECT_EQ(texts[0].sent, sent);
  EXPECT_EQ(texts[1].from, "");
  EXPECT_EQ(texts[2].text, "");
}

TEST(WhatsappTexts, AButtonOrAPictureIsNone) {
  const auto button = json::object{{"from", "5511987654321"},
                                   {"type", "button"},
                                   {"text", {{"body", "STOP"}}},
                                   {"button", {{"payload", "STOP"}, {"text", "STOP"}}}};
  const auto image =
      json::object{{"from", "5511987654321"}, {"type", "image"}, {"image", {{"caption", "STOP"}, {"id", "1"}}}};
  EXPECT_THAT(read_whatsapp_webhook(WhatsappDouble::written({button, image, 7, nullptr})).texts, IsEmpty());
  auto vague = WhatsappDouble::text("5511987654321", "STOP", {});
  vague["timestamp"] = 7;
  vague["from"] = 5511987654321;
  const auto texts = read_whatsapp_webhook(WhatsappDouble::written({vague})).texts;
  ASSERT_EQ(texts.size(), 1U);
  EXPECT_EQ(texts[0].from, "");
  EXPECT_EQ(texts[0].sent, std::nullopt);
}

TEST_F(WhatsappReports, ManyInOneBodyAreBounded) {
  json::array many;
  for (std::size_t i = 0; i < kWhatsappItemsMax + 100; ++i)
    many.push_back(WhatsappDouble::status(sent, "wamid." + std::to_string(i), "delivered"));
  const auto reports = read_whatsapp_webhook(WhatsappDouble::webhook(many)).reports;
  ASSERT_EQ(reports.size(), kWhatsappItemsMax);
  EXPECT_EQ(reports[7].provider_ref, "wamid.7");
}

}  // namespace
}  // namespace countersign::delivery
