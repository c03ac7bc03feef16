// By what each policy can be met, as check-config tells it; and that what `init` writes can be met by a message.

#include <gtest/gtest.h>

#include "main/config/init.h"
#include "support/fake_time.h"
#include "unit/main/workplace.h"

namespace countersign::main {
namespace {

std::string told(const ConfigSources& sources) {
  const auto config = load_config(sources);
  EXPECT_TRUE(config) << config.error().sentence;
  return config ? summary(*config, "x") : std::string();
}

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST(ConfigWays, WhatInitWritesIsMetByAMessageWithTwiliosThreeVariables) {
  const Workplace place;
  testing::SeededRandom random;
  ASSERT_TRUE(init_production({place.dir() / "etc", "https://verify.example.com"}, random));
  ConfigSources sources;
  sources.config_file = place.dir() / "etc/countersign.toml";
  sources.environment = {{"TWILIO_ACCOUNT_SID", "AC0123456789abcdef0123456789abcdef"},
                         {"TWILIO_AUTH_TOKEN", "0123456789abcdef0123456789abcdef"},
                         {"TWILIO_VERIFY_SERVICE_SID", "VA0123456789abcdef0123456789abcdef"}};
  const auto config = load_config(sources);
  ASSERT_TRUE(config) << config.error().sentence;
  const auto& service = config->services.front();
  const auto& first = config->policies.at(service.policies.front());
  for (const auto channel : {contact::Channel::kSms, contact::Channel::kCall, contact::Channel::kWhatsapp}) {
    EXPECT_TRUE(service.channels.contains(channel));
    EXPECT_TRUE(domain::can_be_met(first, {domain::method_of(channel)})) << contact::to_text(channel);
  }
  const auto text = summary(*config, "x");
  EXPECT_TRUE(has_line(
      text, "  policy    default: any of sms, call, whatsapp, totp; 1 kind; totp alone; the page may add totp"))
      << text;
  EXPECT_EQ(text.find("no provider"), std::string::npos) << text;
  EXPECT_EQ(text.find("in no policy"), std::string::npos) << text;
  // Without them it loads, and says what is not there yet.
  sources.environment.clear();
  EXPECT_TRUE(has_line(told(sources),
                       "  warning   policy default takes sms, call, whatsapp, for which the service has no provider"));
}

TEST(ConfigWays, EachPolicyIsToldWithWhatItAsksFor) {
  const Workplace place;
  place.write_secrets();
  const auto text = told(place.production(replaced(std::string(kGoodConfig), R"(any_of = ["sms", "totp"])",
                                                   "any_of = [\"sms\", \"email\", \"totp\"]\nmin_kinds = 2\ntotp_alone "
                                                   "= false\ntrust_on_first_use = true\nwait = \"96h\"")));
  EXPECT_TRUE(
      has_line(text,
               "  policy    payout: any of sms, email, totp; 2 kinds; totp not alone; email not alone; trust on "
               "first use; a new source waits 4d at least"))
      << text;
  EXPECT_TRUE(has_line(text, "  warning   policy payout takes email, for which the service has no provider")) << text;
}

TEST(ConfigWays, AChannelByWhichNothingIsReleasedIsWarnedOf) {
  const Workplace place;
  place.write_secrets();
  const auto text =
      told(place.production(replaced(std::string(kGoodConfig), "sms = \"hook\"", "sms = \"hook\"\nemail = \"hook\"")));
  EXPECT_TRUE(has_line(text, "  warning   email is in no policy of the service: nothing is released by it")) << text;
  EXPECT_EQ(text.find("sms is in no policy"), std::string::npos) << text;
}

TEST(ConfigWays, APolicyWithoutAWayIsNoServicesAndWarnedOf) {
  const Workplace place;
  place.write_secrets();
  const auto sources = place.production(replaced(
      replaced(std::string(kGoodConfig), "[policies.payout]",
               "[policies.mail]\nany_of = [\"email\"]\nemail_alone = true\n[policies.app]\nany_of = [\"totp\"]\n"
               "[policies.default]"),
      "policies = [\"payout\"]\n", ""));
  const auto config = load_config(sources);
  ASSERT_TRUE(config) << config.error().sentence;
  EXPECT_EQ(config->services.front().policies, (std::vector<std::string>{"default", "app"}));
  EXPECT_TRUE(
      has_line(summary(*config, "x"),
               "warning   policy mail can be met at no service: none has a provider for enough of its channels"));
}

TEST(ConfigWays, APolicyThatNoServiceNamesIsWarnedOf) {
  const Workplace place;
  place.write_secrets();
  const auto text = told(place.production(replaced(std::string(kGoodConfig), "[policies.payout]",
                                                   "[policies.app]\nany_of = [\"totp\"]\n[policies.payout]")));
  EXPECT_TRUE(has_line(text, "warning   policy app is named by no service")) << text;
}

TEST(ConfigWays, TheChannelsThatAutoChoosesAmongAndWhatAPolicyLetsItHide) {
  const Workplace place;
  place.write_secrets();
  const auto plain = load_config(place.production(kGoodConfig));
  ASSERT_TRUE(plain) << plain.error().sentence;
  using enum contact::Channel;
  EXPECT_EQ(plain->services.front().automatic, (std::vector{kSms, kWhatsapp, kCall}));
  EXPECT_TRUE(plain->policies.begin()->second.display_required);
  const auto text =
      replaced(std::string(kGoodConfig), "name = \"default\"", "name = \"default\"\nauto = [\"whatsapp\", \"sms\"]");
  const auto config = load_config(place.production(
      replaced(text, R"(any_of = ["sms", "totp"])", "any_of = [\"sms\", \"totp\"]\ndisplay_required = false")));
  ASSERT_TRUE(config) << config.error().sentence;
  EXPECT_EQ(config->services.front().automatic, (std::vector{kWhatsapp, kSms}));
  EXPECT_FALSE(config->policies.begin()->second.display_required);
  EXPECT_NE(summary(*config, "x").find("auto may hide what is approved"), std::string::npos);
  for (const std::string_view bad : {R"(["sms", "email"])", R"(["sms", "sms"])", R"(["fax"])"}) {
    const auto wrong =
        replaced(std::string(kGoodConfig), "name = \"default\"", "name = \"default\"\nauto = " + std::string(bad));
    EXPECT_NE(sentence_of(place.production(wrong)), "") << bad;
  }
}

}  // namespace
}  // namespace countersign::main
