#include "usecase/outbox/whatsapp_callback.h"

#include "crypto/hub_signature.h"
#include "delivery/providers/whatsapp_report.h"
#include "support/doubles/whatsapp_double.h"
#include "tests/unit/usecase/script.h"

namespace countersign::testing {
namespace {

constexpr std::string_view kAppSecret = "the secret of the app";

class WhatsappCallback : public ::testing::Test {
 protected:
  WhatsappCallback() {
    fixture_.hold();
    EXPECT_EQ(why(fixture_.start()), kYes);
    id_ = fixture_.sent().back().id;
    accept();
    hooks_["double"] = {SecretString(std::string(kAppSecret)), SecretString(std::string("our word"))};
    hooks_["double"].phone_number_id = WhatsappDouble::kPhoneNumberId;
    hooks_["same app"] = hooks_["double"];
    hooks_["same app"].phone_number_id = "another number";
    hooks_["another app"] = {SecretString(std::string("another secret")), SecretString(std::string("another word"))};
  }
  void accept() { fixture_.finish(fixture_.sent().back(), delivery::Accepted{"wamid.1"}); }

  json::object status_of(std::string_view word, const json::object& more = {}, std::string_view ref = "wamid.1") {
    const json::object sent = {{"to", "5511987654321"},
                               {"biz_opaque_callback_data", delivery::write_report_tag(fixture_.account(), id_)}};
    return WhatsappDouble::status(sent, ref, word, more);
  }
  /// What a body with that signature does; false where it is not believed.
  bool post(const std::string& body, std::string_view secret = kAppSecret, std::string_view provider = "double") {
    const auto callback = usecase::read_whatsapp_callback(hooks_, provider, body, crypto::hub_signature(secret, body));
    if (!callback) return false;
    fixture_.in([&](store::Tx& tx, Moment& moment) {
      usecase::take_whatsapp_callback(tx, fixture_.context(), hooks_, *callback, moment);
      return true;
    });
    return true;
  }
  bool post(const json::array& statuses, std::string_view provider = "double") {
    return post(WhatsappDouble::webhook(statuses), kAppSecret, provider);
  }
  std::string status() { return fixture_.message(id_)->status; }
  /// What somebody types, to our number; `ago` before now.
  std::string text(std::string_view body, std::string_view from = kPhone.substr(1), Duration ago = {}) {
    return WhatsappDouble::written({WhatsappDouble::text(from, body, fixture_.now() - ago)});
  }
  std::optional<Code> next(Channel channel = Channel::kWhatsapp) {
    fixture_.request().contacts = {{Channel::kWhatsapp, std::string(kPhone)}, {Channel::kSms, std::string(kPhone)}};
    fixture_.hold();
    return why(fixture_.start(channel));
  }
  std::ptrdiff_t events(std::string_view type) {
    return std::ranges::count(fixture_.all_events(), type, [](const auto& event) { return event.type; });
  }

  Fixture fixture_;
  MessageId id_;
  usecase::WhatsappHooks hooks_;
};

TEST_F(WhatsappCallback, ADeliveryIsWrittenOnce) {
  EXPECT_TRUE(post({status_of("sent")}));
  EXPECT_EQ(status(), "sent");
  EXPECT_TRUE(post({status_of("delivered")}));
  EXPECT_EQ(status(), "delivered");
  const auto events = fixture_.events().size();
  for (const char* late : {"delivered", "sent", "read", "failed"}) EXPECT_TRUE(post({status_of(late)}));
  EXPECT_EQ(status(), "delivered");
  EXPECT_EQ(fixture_.events().size(), events);
}

TEST_F(WhatsappCallback, ReadAloneMeansDelivered) {
  EXPECT_TRUE(post({status_of("read")}));
  EXPECT_EQ(status(), "delivered");
}

TEST_F(WhatsappCallback, AFailureSaysWhyAndComesOnce) {
  const json::array errors{json::object{{"code", 131026}}};
  const json::array twice{status_of("failed", {{"errors", errors}}), status_of("failed", {{"errors", errors}})};
  EXPECT_TRUE(post(twice));
  EXPECT_EQ(status(), "failed");
  EXPECT_EQ(std::ranges::count(fixture_.events(), "message.failed"), 1);
  EXPECT_TRUE(post({status_of("delivered")}));
  EXPECT_EQ(status(), "delivered");  // It arrived after all.
}

TEST_F(WhatsappCallback, AForgedOneChangesNothing) {
  EXPECT_FALSE(post(WhatsappDouble::webhook({status_of("failed")}), "a guess"));
  EXPECT_FALSE(post(WhatsappDouble::webhook({status_of("failed")}), "another secret"));
  EXPECT_FALSE(post(WhatsappDouble::webhook({status_of("failed")}), kAppSecret, "another app"));
  EXPECT_FALSE(post(WhatsappDouble::webhook({status_of("failed")}), "no app", "unknown"));
  EXPECT_FALSE(usecase::read_whatsapp_callback(hooks_, "double", "{}", ""));
  EXPECT_EQ(status(), "sent");
}

TEST_F(WhatsappCallback, TheSecretBeforeIsBelievedWhileItIsNamed) {
  const auto body = WhatsappDouble::webhook({status_of("delivered")});
  EXPECT_FALSE(post(body, "the secret before"));
  hooks_["double"].previous_app_secret = SecretString(std::string("the secret before"));
  EXPECT_FALSE(post(body, "a secret of nobody"));
  EXPECT_FALSE(post(body, ""));
  EXPECT_TRUE(post(body, "the secret before"));
  EXPECT_EQ(status(), "delivered");
  EXPECT_TRUE(post(body));
  hooks_["double"].previous_app_secret = {};
  EXPECT_FALSE(post(body, ""));
  EXPECT_FALSE(post(body, "the secret before"));
}

TEST_F(WhatsappCallback, AnotherAppCannotReportOurMessage) {
  EXPECT_TRUE(post(WhatsappDouble::webhook({status_of("failed")}), "another secret", "another app"));
  EXPECT_EQ(status(), "sent");
  hooks_.erase("double");  // The message's provider is configured no more.
  EXPECT_TRUE(post({status_of("failed")}, "same app"));
  EXPECT_EQ(status(), "sent");
}

TEST_F(WhatsappCallback, NumbersOfOneAppShareItsWebhook) {
  EXPECT_TRUE(post({status_of("delivered")}, "same app"));
  EXPECT_EQ(status(), "delivered");
}

TEST_F(WhatsappCallback, AnotherMessageOfMetaIsNotOurs) {
  EXPECT_TRUE(post({status_of("failed", {}, "wamid.2")}));
  EXPECT_EQ(status(), "sent");
}

TEST_F(WhatsappCallback, OneOfManyIsFound) {
  json::array many;
  for (int i = 0; i < 50; ++i) {
    auto other = status_of("failed");
    other["biz_opaque_callback_data"] = "somebody else's";
    many.push_back(std::move(other));
  }
  many.push_back(status_of("delivered"));
  EXPECT_TRUE(post(many));
  EXPECT_EQ(status(), "delivered");
}

TEST_F(WhatsappCallback, StopEndsWhatsappAndNothingElse) {
  unlimited(fixture_);
  EXPECT_TRUE(post(text("please stop")));  // Only the word alone.
  EXPECT_TRUE(post(text("STOP", kOtherPhone.substr(1))));
  EXPECT_EQ(next(), kYes);
  EXPECT_TRUE(post(text(" Parar.\n")));
  EXPECT_EQ(next(), Code::kOptedOut);
  EXPECT_EQ(next(Channel::kSms), kYes);
  EXPECT_TRUE(post(text("sair")));
  EXPECT_EQ(events("contact.unreachable"), 1);
  EXPECT_TRUE(post(text("START")));
  EXPECT_EQ(next(), kYes);
  EXPECT_EQ(events("contact.reachable"), 1);
}

TEST_F(WhatsappCallback, StopOfAnAccountOfBeforeTheNinthDigitIsHers) {
  unlimited(fixture_);
  ASSERT_EQ(kPhone, "+5511987654321");
  EXPECT_TRUE(post(text("STOP", "551187654321")));
  EXPECT_EQ(next(), Code::kOptedOut);
}

TEST_F(WhatsappCallback, AnOldOrRepeatedStartRevivesNobody) {
  unlimited(fixture_);
  const auto start = text("START");
  fixture_.wait(minutes(1));
  EXPECT_TRUE(post(text("STOP")));
  fixture_.wait(minutes(1));
  EXPECT_TRUE(post(start));
  EXPECT_EQ(next(), Code::kOptedOut);
}

TEST_F(WhatsappCallback, NobodyWithoutTheSignatureStopsSomebody) {
  unlimited(fixture_);
  EXPECT_FALSE(post(text("STOP"), "a guess"));
  EXPECT_FALSE(post(text("STOP"), "another secret"));
  EXPECT_TRUE(post(text("STOP"), "another secret", "another app"));  // Signed, but by who does not have our number.
  EXPECT_EQ(next(), kYes);
}

TEST_F(WhatsappCallback, AStopToANumberThatIsNotOursIsNotOurs) {
  unlimited(fixture_);
  const auto elsewhere = WhatsappDouble::written({WhatsappDouble::text(kPhone.substr(1), "STOP", fixture_.now())}, "7");
  EXPECT_TRUE(post(elsewhere));
  EXPECT_EQ(next(), kYes);
  EXPECT_TRUE(post(text("STOP"), kAppSecret, "same app"));  // By the address of another number of the app.
  EXPECT_EQ(next(), Code::kOptedOut);
}

TEST_F(WhatsappCallback, WhatPeopleWriteAsksTheStoreForNothing) {
  const auto body = text("good morning");
  const auto read = usecase::read_whatsapp_callback(hooks_, "double", body, crypto::hub_signature(kAppSecret, body));
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->is_empty());
  const auto hidden = text("STOP", "");
  EXPECT_TRUE(
      usecase::read_whatsapp_callback(hooks_, "double", hidden, crypto::hub_signature(kAppSecret, hidden))->is_empty());
}

TEST_F(WhatsappCallback, WhoWantsNoMarketingGetsHerCodes) {
  unlimited(fixture_);
  const json::array errors{json::object{{"code", 131050}}};
  EXPECT_TRUE(post({status_of("failed", {{"errors", errors}})}));
  EXPECT_EQ(status(), "failed");
  EXPECT_EQ(events("contact.unreachable"), 0);
  EXPECT_EQ(next(), kYes);
}

TEST_F(WhatsappCallback, TheHandshakeWantsOurWord) {
  EXPECT_TRUE(usecase::is_set_up_by_us(hooks_, "double", "our word"));
  for (const char* wrong : {"", "Our word", "another word", "no token"})
    EXPECT_FALSE(usecase::is_set_up_by_us(hooks_, "double", wrong));
  EXPECT_FALSE(usecase::is_set_up_by_us(hooks_, "unknown", "our word"));
  EXPECT_FALSE(usecase::is_set_up_by_us(hooks_, "unknown", "no token"));
}

}  // namespace
}  // namespace countersign::testing
