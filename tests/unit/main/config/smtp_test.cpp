#include <gmock/gmock.h>

#include "main/config/config.h"
#include "unit/main/workplace.h"

// A mail server as provider: every mistake in one sentence that mends it.
namespace countersign::main {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kFrom = "from = \"codes@palco.example\"\n";
constexpr std::string_view kHost = "host = \"smtp.palco.example\"\n";

ConfigSources with_mail(const Workplace& place, std::string_view provider, std::string_view channel = "email") {
  place.write_secrets();
  const std::string channels = "sms = \"hook\"\n" + std::string(channel) + " = \"mail\"\n";
  const auto text = channel == "sms" ? replaced(std::string(kGoodConfig), "sms = \"hook\"", "sms = \"mail\"")
                                     : replaced(std::string(kGoodConfig), "sms = \"hook\"\n", channels);
  return place.production(text + "[providers.mail]\ntype = \"smtp\"\n" + std::string(provider));
}

std::string mail_sentence(std::string_view provider, std::string_view channel = "email") {
  const Workplace place;
  return sentence_of(with_mail(place, provider, channel));
}

SmtpConfig loaded(std::string_view provider) {
  const Workplace place;
  const auto config = load_config(with_mail(place, provider));
  if (!config) {
    ADD_FAILURE() << config.error().sentence;
    return {};
  }
  return std::get<SmtpConfig>(config->providers.at("mail"));
}

TEST(ConfigSmtp, DefaultsToTlsThatMustBeTakenUp) {
  const auto mail = loaded(std::string(kHost) + std::string(kFrom));
  EXPECT_EQ(mail.tls, MailTls::kStartTls);
  EXPECT_EQ(mail.port, 587);
  EXPECT_EQ(mail.return_path, "codes@palco.example");
  EXPECT_TRUE(mail.user.empty());
  EXPECT_EQ(loaded(std::string(kHost) + std::string(kFrom) + "tls = \"implicit\"\n").port, 465);
}

TEST(ConfigSmtp, ClearTextIsForThisMachineAlone) {
  EXPECT_THAT(mail_sentence(std::string(kHost) + std::string(kFrom) + "tls = \"none\"\n"),
              HasSubstr("providers.mail.tls is none, which is only for a mail server on this machine"));
  EXPECT_EQ(loaded("host = \"127.0.0.1\"\ntls = \"none\"\nport = 25\n" + std::string(kFrom)).port, 25);
}

TEST(ConfigSmtp, NamesWhatIsWrong) {
  const std::string good = std::string(kHost) + std::string(kFrom);
  EXPECT_THAT(mail_sentence(kFrom), HasSubstr("providers.mail.host is missing"));
  EXPECT_THAT(mail_sentence(kHost), HasSubstr("providers.mail.from is missing"));
  EXPECT_THAT(mail_sentence(good + "port = 465\n"), HasSubstr("set tls to implicit, or the port to 587"));
  EXPECT_THAT(mail_sentence(good + "user = \"cs\"\n"), HasSubstr("providers.mail.user and password belong together"));
  EXPECT_THAT(mail_sentence(good + "tls = \"maybe\"\n"), HasSubstr("starttls, implicit or none"));
  EXPECT_THAT(mail_sentence(good + "return_path = \"nobody\"\n"), HasSubstr("providers.mail.return_path"));
  EXPECT_THAT(mail_sentence(good + "from_name = \"a\\nBcc: b@c.example\"\n"), HasSubstr("providers.mail.from_name"));
  EXPECT_THAT(mail_sentence("host = \"smtp.palco.example/x\"\n" + std::string(kFrom)),
              HasSubstr("providers.mail.host"));
  EXPECT_THAT(mail_sentence(good + "ca_file = \"/nowhere.pem\"\n"), HasSubstr("providers.mail.ca_file"));
  EXPECT_THAT(mail_sentence(good + "recipient = \"x\"\n"), HasSubstr("recipient"));
}

TEST(ConfigSmtp, ServesEmailAlone) {
  EXPECT_THAT(mail_sentence(std::string(kHost) + std::string(kFrom), "sms"), HasSubstr("does not serve this channel"));
}

}  // namespace
}  // namespace countersign::main
