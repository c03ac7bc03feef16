#include "main/commands/send_test.h"

#include <gmock/gmock.h>

#include <sstream>

#include "support/doubles/closed_port.h"
#include "support/doubles/smtp_server.h"
#include "support/doubles/twilio_verify_double.h"
#include "support/doubles/twilio_voice_double.h"
#include "support/fake_time.h"
#include "unit/main/workplace.h"

namespace countersign::main {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class SendTestCommandTest : public ::testing::Test {
 protected:
  int run(const std::string& providers, SendTestCommand command, const std::string& channels = "sms = \"hook\"") {
    out_.str("");
    err_.str("");
    place_.write_secrets();
    place_.write("countersign.secrets.toml", place_.read("countersign.secrets.toml") + secrets_);
    const auto config =
        load_config(place_.production(replaced(std::string(kGoodConfig), "sms = \"hook\"", channels) + providers));
    if (!config) {
      ADD_FAILURE() << config.error().sentence;
      return -1;
    }
    return run_send_test_command(*config, command, system_clock(), random_, out_, err_);
  }
  static std::string mail_at(int port) {
    return "[providers.mail]\ntype = \"smtp\"\nhost = \"127.0.0.1\"\ntls = \"none\"\nport = " + std::to_string(port) +
           "\nfrom = \"codes@palco.example\"\n";
  }

  Workplace place_;
  std::string secrets_;  ///< Appended to the secrets file.
  testing::SeededRandom random_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(SendTestCommandTest, AMailLooksLikeACodesAndApprovesNothing) {
  const testing::SmtpServer server;
  const std::string channels = "sms = \"hook\"\nemail = \"mail\"";
  ASSERT_EQ(run(mail_at(server.port()), {.provider = "mail", .to = "ana@example.com", .locale = "pt-BR"}, channels), 0)
      << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("mail took the message, as VL"));
  ASSERT_EQ(server.mails().size(), 1U);
  EXPECT_THAT(server.mails()[0].recipients, ::testing::ElementsAre("ana@example.com"));
  EXPECT_THAT(server.mails()[0].content, AllOf(HasSubstr("approves nothing"), HasSubstr("Content-Type: text/html")));
}

TEST_F(SendTestCommandTest, SaysWhatTheProviderRefused) {
  const testing::SmtpServer server([](std::string_view command) -> std::optional<std::string> {
    return command.starts_with("RCPT") ? std::optional<std::string>("550 5.1.1 no such user") : std::nullopt;
  });
  EXPECT_EQ(run(mail_at(server.port()), {.provider = "mail", .to = "ana@example.com"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("mail did not take the message: invalid_address 5.1.1: "));
  EXPECT_EQ(out_.str(), "");
}

TEST_F(SendTestCommandTest, SaysThatNobodyListens) {
  const testing::ClosedPort closed;
  EXPECT_EQ(run(mail_at(closed.port()), {.provider = "mail", .to = "ana@example.com"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("mail did not take the message: unavailable"));
}

TEST_F(SendTestCommandTest, NothingIsSentByMistake) {
  const testing::SmtpServer server;
  const auto mail = mail_at(server.port());
  EXPECT_EQ(run(mail, {.provider = "post", .to = "ana@example.com"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("there is no provider \"post\": the configuration has hook, mail"));
  EXPECT_EQ(run(mail, {.provider = "mail", .to = "+5511987654321"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("\"mail\" does not carry sms"));
  EXPECT_EQ(run(mail, {.provider = "mail", .to = "ana@example"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("\"ana@example\" is no e-mail address"));
  EXPECT_EQ(run(mail, {.provider = "hook", .to = "11987654321"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("is no telephone number in E.164"));
  EXPECT_EQ(run(mail, {.provider = "mail", .to = "ana@example.com", .channel = "fax"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("\"fax\" is no channel"));
  EXPECT_TRUE(server.mails().empty());
}

TEST_F(SendTestCommandTest, ACallSaysItsCodeAtOnce) {
  testing::TwilioVoiceDouble twilio;
  const auto& credentials = twilio.credentials();
  secrets_ = "[providers.voice]\nauth_token = \"" + credentials.password + "\"\n";
  const std::string provider = "[providers.voice]\ntype = \"twilio_voice\"\nbase_url = \"" + twilio.server().url() +
                               "\"\naccount_sid = \"" + credentials.account_sid + "\"\nfrom = \"+15005550006\"\n";
  ASSERT_EQ(run(provider, {.provider = "voice", .to = "+5511987654321", .channel = "call"}), 0) << err_.str();
  ASSERT_EQ(twilio.calls().size(), 1U);
  const auto verbs = testing::verbs_of(*testing::form_value(twilio.calls().at(0), "Twiml"));
  EXPECT_EQ(std::ranges::count_if(verbs, [](const auto& v) { return v.name == "Say" && v.text.size() == 1; }), 12);
  EXPECT_TRUE(std::ranges::none_of(verbs, [](const auto& v) { return v.name == "Gather"; }));
  EXPECT_THAT(twilio.violations(), ::testing::IsEmpty());
}

TEST_F(SendTestCommandTest, AVerificationThatAProviderStartsIsEndedAgain) {
  testing::TwilioVerifyDouble twilio({});
  const auto& credentials = twilio.credentials();
  secrets_ = "[providers.verify]\nauth_token = \"" + credentials.password + "\"\n";
  const std::string provider = "[providers.verify]\ntype = \"twilio_verify\"\nbase_url = \"" + twilio.server().url() +
                               "\"\naccount_sid = \"" + credentials.account_sid + "\"\nservice_sid = \"" +
                               twilio.service_sid() + "\"\n";
  ASSERT_EQ(run(provider, {.provider = "verify", .to = "+5511987654321"}), 0) << err_.str();
  const std::string said = out_.str();
  const auto at = said.find("VE");
  ASSERT_NE(at, std::string::npos) << said;
  EXPECT_EQ(twilio.status_of(said.substr(at, 34)), "canceled");
  EXPECT_THAT(twilio.violations(), ::testing::IsEmpty());
}

}  // namespace
}  // namespace countersign::main
