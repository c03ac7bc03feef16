#include <gmock/gmock.h>

#include "main/config/config.h"
#include "unit/main/workplace.h"

// Carriers with a set-up of their own: every mistake in one sentence that mends it, and what still lacks.
namespace countersign::main {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr std::string_view kWhatsapp = R"(type = "whatsapp_cloud"
phone_number_id = "106540352242922"
template = "otp_code"
[providers.carrier.languages]
pt-BR = "pt_BR"
en = "en_US"
es = "es_MX"
)";
constexpr std::string_view kWhatsappSecrets = R"([providers.carrier]
access_token = "EAAJB"
app_secret = "0123456789abcdef"
verify_token = "a word of ours"
)";

ConfigSources with_carrier(const Workplace& place, std::string_view channel, std::string_view provider,
                           std::string_view secrets) {
  place.write_secrets();
  place.write("countersign.secrets.toml", place.read("countersign.secrets.toml") + std::string(secrets));
  const auto text = replaced(std::string(kGoodConfig), "sms = \"hook\"\n",
                             "sms = \"hook\"\n" + std::string(channel) + " = \"carrier\"\n");
  return place.production(text + "[providers.carrier]\n" + std::string(provider));
}

std::string carrier_sentence(std::string_view channel, std::string_view provider, std::string_view secrets) {
  const Workplace place;
  return sentence_of(with_carrier(place, channel, provider, secrets));
}

Config carrier_loaded(std::string_view channel, std::string_view provider, std::string_view secrets) {
  const Workplace place;
  auto config = load_config(with_carrier(place, channel, provider, secrets));
  if (!config) {
    ADD_FAILURE() << config.error().sentence;
    return {};
  }
  return *std::move(config);
}

std::string whatsapp_sentence(std::string_view was, std::string_view is) {
  return carrier_sentence("whatsapp", replaced(std::string(kWhatsapp), std::string(was), std::string(is)),
                          kWhatsappSecrets);
}

TEST(ConfigWhatsapp, IsReadWhole) {
  const auto config = carrier_loaded("whatsapp", kWhatsapp, kWhatsappSecrets);
  const auto& c = std::get<WhatsappCloudConfig>(config.providers.at("carrier"));
  EXPECT_EQ(c.phone_number_id, "106540352242922");
  EXPECT_EQ(c.template_name, "otp_code");
  EXPECT_EQ(c.languages.at("pt-BR"), "pt_BR");
  EXPECT_EQ(c.languages.size(), 3U);
  EXPECT_EQ(c.app_secret.expose(), "0123456789abcdef");
  EXPECT_EQ(c.previous_app_secret.expose(), "");
  EXPECT_EQ(c.api_version, "v26.0");
  const auto replaced_at_meta = carrier_loaded(
      "whatsapp", kWhatsapp, std::string(kWhatsappSecrets) + "previous_app_secret = \"the one before\"\n");
  EXPECT_EQ(std::get<WhatsappCloudConfig>(replaced_at_meta.providers.at("carrier")).previous_app_secret.expose(),
            "the one before");
  EXPECT_FALSE(shows_display(config.providers.at("carrier"), contact::Channel::kWhatsapp));
  EXPECT_TRUE(shows_display(config.providers.at("hook"), contact::Channel::kWhatsapp));
}

TEST(ConfigWhatsapp, NamesWhatIsWrong) {
  EXPECT_THAT(whatsapp_sentence("phone_number_id = \"106540352242922\"\n", ""),
              HasSubstr("providers.carrier.phone_number_id is missing"));
  EXPECT_THAT(whatsapp_sentence("106540352242922", "+5511"), HasSubstr("the id, not the number itself"));
  EXPECT_THAT(whatsapp_sentence("otp_code", "OTP code"), HasSubstr("providers.carrier.template"));
  EXPECT_THAT(whatsapp_sentence("pt_BR", "pt-BR"), HasSubstr("such as pt_BR"));
  EXPECT_THAT(whatsapp_sentence("template = \"otp_code\"", "template = \"otp_code\"\napi_version = \"23\""),
              HasSubstr("a version such as v26.0"));
  EXPECT_THAT(
      carrier_sentence("whatsapp", std::string(kWhatsapp.substr(0, kWhatsapp.find("[providers"))), kWhatsappSecrets),
      HasSubstr("providers.carrier.languages is missing"));
  for (const char* secret : {"access_token", "app_secret", "verify_token"})
    EXPECT_THAT(carrier_sentence("whatsapp", kWhatsapp,
                                 replaced(std::string(kWhatsappSecrets), secret, std::string("base_url"))),
                Not(IsEmpty()));
}

TEST(ConfigWhatsapp, SaysWhatItStillLacks) {
  auto config = carrier_loaded("whatsapp", kWhatsapp, kWhatsappSecrets);
  const auto lacks = [&] { return lacks_of("carrier", config.providers.at("carrier"), config); };
  config.public_url = "https://verify.palco.example";
  EXPECT_THAT(lacks(), IsEmpty());
  std::get<WhatsappCloudConfig>(config.providers.at("carrier")).languages.erase("es");
  EXPECT_THAT(lacks(), ElementsAre(HasSubstr("providers.carrier.languages has no template for es")));
  std::get<WhatsappCloudConfig>(config.providers.at("carrier")).languages["es-AR"] = "es_AR";
  for (const char* away : {"http://verify.palco.example", "https://localhost:8080", "https://10.0.0.1", "https://[::1]",
                           "https://verify.internal"}) {
    config.public_url = away;
    EXPECT_THAT(lacks(), ElementsAre(HasSubstr("/callbacks/whatsapp/carrier cannot be reached by Meta"))) << away;
  }
  EXPECT_THAT(summary(config, ""), HasSubstr("cannot be reached by Meta"));
  EXPECT_THAT(summary(config, ""), HasSubstr("whatsapp shows the code alone: what it approves is on the page"));
}

constexpr std::string_view kMessaging = R"(type = "twilio_messaging"
account_sid = "AC0123456789abcdef0123456789abcdef"
whatsapp_from = "+14155238886"
)";
constexpr std::string_view kMessagingSecrets = "[providers.carrier]\nauth_token = \"t0ken\"\n";

TEST(ConfigWhatsapp, ByTwilioNeedsTemplates) {
  auto config = carrier_loaded("whatsapp", kMessaging, kMessagingSecrets);
  const auto lacks = [&] { return lacks_of("carrier", config.providers.at("carrier"), config); };
  EXPECT_THAT(lacks(), ElementsAre(HasSubstr("providers.carrier.whatsapp_content is not set")));
  EXPECT_FALSE(shows_display(config.providers.at("carrier"), contact::Channel::kWhatsapp))
      << "free text seldom arrives";
  EXPECT_THAT(summary(config, ""), Not(HasSubstr("notices   by whatsapp")));
  const std::string content = std::string(kMessaging) +
                              "whatsapp_content = {pt-BR = \"HX0123456789abcdef0123456789abcdef\", en = "
                              "\"HX0123456789abcdef0123456789abcdee\"}\n";
  config = carrier_loaded("whatsapp", content, kMessagingSecrets);
  EXPECT_THAT(lacks(), ElementsAre(HasSubstr("providers.carrier.whatsapp_content has no template for es")));
  EXPECT_FALSE(shows_display(config.providers.at("carrier"), contact::Channel::kWhatsapp));
  EXPECT_TRUE(shows_display(config.providers.at("carrier"), contact::Channel::kSms));
  EXPECT_THAT(carrier_sentence("whatsapp", replaced(content, "HX", "H"), kMessagingSecrets), HasSubstr("HX and 32"));
}

constexpr std::string_view kVoice = R"(type = "twilio_voice"
account_sid = "AC0123456789abcdef0123456789abcdef"
from = "+1 500 555 0006"
voices = { pt-BR = "Polly.Camila-Neural", en = "Google.en-US-Standard-A" }
)";

TEST(ConfigVoice, IsReadWhole) {
  const auto config = carrier_loaded("call", kVoice, kMessagingSecrets);
  const auto& c = std::get<TwilioVoiceConfig>(config.providers.at("carrier"));
  EXPECT_EQ(c.from, "+15005550006");
  EXPECT_EQ(c.twilio.user, "AC0123456789abcdef0123456789abcdef");
  EXPECT_EQ(c.twilio.auth_token.expose(), "t0ken");
  EXPECT_EQ(c.voices.at("pt-BR"), "Polly.Camila-Neural");
  EXPECT_EQ(c.voices.size(), 2U);
  EXPECT_TRUE(shows_display(config.providers.at("carrier"), contact::Channel::kCall));
}

TEST(ConfigVoice, NamesWhatIsWrong) {
  const auto sentence = [](std::string_view was, std::string_view is, std::string_view secrets = kMessagingSecrets) {
    return carrier_sentence("call", replaced(std::string(kVoice), std::string(was), std::string(is)), secrets);
  };
  EXPECT_THAT(sentence("from = \"+1 500 555 0006\"\n", ""), HasSubstr("providers.carrier.from is missing"));
  EXPECT_THAT(sentence("+1 500 555 0006", "Palco"), HasSubstr("a number such as +15005550006"));
  EXPECT_THAT(sentence("AC0123", "0123"), HasSubstr("providers.carrier.account_sid"));
  EXPECT_THAT(sentence("Polly.Camila-Neural", "<Say>"), HasSubstr("such as Polly.Camila-Neural"));
  EXPECT_THAT(sentence("pt-BR =", "pt_BR ="), HasSubstr("is no language"));
  EXPECT_THAT(sentence("", "", ""), HasSubstr("providers.carrier.auth_token is missing"));
  // Twilio signs with the token, also where an API key signs in.
  EXPECT_THAT(sentence("from =", "api_key_sid = \"SK0123456789abcdef0123456789abcdef\"\nfrom =",
                       "[providers.carrier]\napi_key_secret = \"s\"\n"),
              HasSubstr("Twilio asks for the code with a signature by it"));
}

}  // namespace
}  // namespace countersign::main
