#include <gtest/gtest.h>

#include "base/encoding.h"
#include "main/config/config.h"
#include "main/config/init.h"
#include "support/fake_time.h"
#include "unit/main/workplace.h"

namespace countersign::main {
namespace {

using contact::Channel;

const std::string kAccountSid = "AC0123456789abcdef0123456789abcdef";
const std::string kServiceSid = "VA0123456789abcdef0123456789abcdef";

class ConfigEnvironment : public ::testing::Test {
 protected:
  void SetUp() override {
    place_.write_secrets();
    sources_ = place_.production(kGoodConfig);
  }
  [[nodiscard]] Config load() const {
    auto config = load_config(sources_);
    EXPECT_TRUE(config) << config.error().sentence;
    return config ? *std::move(config) : Config();
  }

  Workplace place_;
  ConfigSources sources_;
};

TEST_F(ConfigEnvironment, LaterSourcesWin) {
  sources_ = place_.production("listen = [\"127.0.0.1:1\"]\n" + std::string(kGoodConfig));
  EXPECT_EQ(load().listen.front().port, 1);
  place_.write("listen", "127.0.0.1:2\n");
  sources_.environment["CREDENTIALS_DIRECTORY"] = place_.dir().string();
  EXPECT_EQ(load().listen.front().port, 2);
  sources_.environment["COUNTERSIGN_LISTEN"] = "127.0.0.1:3, [::1]:4";
  EXPECT_EQ(load().listen.back().to_text(), "[::1]:4");
  sources_.flags["listen"] = "127.0.0.1:5";
  EXPECT_EQ(load().listen.front().port, 5);
}

TEST_F(ConfigEnvironment, ErrorsNameTheVariableOrFlag) {
  sources_.environment["COUNTERSIGN_PUBLIC_URL"] = "verify.example.com";
  EXPECT_EQ(sentence_of(sources_),
            "COUNTERSIGN_PUBLIC_URL: public_url must be an origin such as https://verify.example.com, but is "
            "\"verify.example.com\".");
  sources_.flags["public_url"] = "nowhere";
  EXPECT_EQ(sentence_of(sources_),
            "--public-url: public_url must be an origin such as https://verify.example.com, but is \"nowhere\".");
}

TEST_F(ConfigEnvironment, EmptyVariablesCountAsAbsent) {
  sources_.environment["COUNTERSIGN_PUBLIC_URL"] = "";
  sources_.environment["TWILIO_AUTH_TOKEN"] = "";
  EXPECT_EQ(load().public_url, "https://verify.example.com");
}

TEST_F(ConfigEnvironment, FilesHoldValues) {
  sources_.environment["COUNTERSIGN_METRICS_TOKEN_FILE"] = place_.write("token", "s3cret\n").string();
  EXPECT_EQ(load().metrics.token.expose(), "s3cret");
  sources_.environment["COUNTERSIGN_METRICS_TOKEN"] = "other";
  EXPECT_EQ(sentence_of(sources_),
            "environment: COUNTERSIGN_METRICS_TOKEN and COUNTERSIGN_METRICS_TOKEN_FILE are both set; leave one out.");
  sources_.environment.erase("COUNTERSIGN_METRICS_TOKEN");
  sources_.environment["COUNTERSIGN_METRICS_TOKEN_FILE"] = "/nowhere/token";
  EXPECT_EQ(sentence_of(sources_),
            "COUNTERSIGN_METRICS_TOKEN_FILE: /nowhere/token cannot be read: No such file or directory.");
}

TEST_F(ConfigEnvironment, SealKeysComeAsAList) {
  const auto first = to_base64(std::string(32, 'a'));
  const auto second = to_base64(std::string(32, 'b'));
  sources_.environment["COUNTERSIGN_SEAL_KEY"] = "3:" + first + ",7:" + second;
  const auto config = load();
  EXPECT_EQ(config.secrets.current_seal_key, 7U);
  EXPECT_EQ(config.secrets.seal_keys.size(), 3U) << "the file's key 1 still opens what it sealed";
  // Known first, current later.
  sources_.environment["COUNTERSIGN_CURRENT_SEAL_KEY"] = "3";
  EXPECT_EQ(load().secrets.current_seal_key, 3U);
  sources_.environment["COUNTERSIGN_CURRENT_SEAL_KEY"] = "4";
  EXPECT_NE(sentence_of(sources_).find("is 4, but secrets.seal_keys has no such key"), std::string::npos);
  sources_.environment["COUNTERSIGN_CURRENT_SEAL_KEY"] = "seven";
  EXPECT_EQ(sentence_of(sources_).find("COUNTERSIGN_CURRENT_SEAL_KEY: secrets.current_seal_key must be"), 0U)
      << sentence_of(sources_);
  sources_.environment.erase("COUNTERSIGN_CURRENT_SEAL_KEY");
  sources_.environment["COUNTERSIGN_SEAL_KEY"] = "x:" + first;
  EXPECT_EQ(sentence_of(sources_), "COUNTERSIGN_SEAL_KEY: must be KEY or ID:KEY, where ID is a whole number from 1.");
  sources_.environment["COUNTERSIGN_SEAL_KEY"] = "2:AAAA";
  EXPECT_EQ(
      sentence_of(sources_),
      "COUNTERSIGN_SEAL_KEY: secrets.seal_keys.2 must be 32 bytes in base64, but is 3 bytes; put back the one that "
      "the database was written under.");
  sources_.environment["COUNTERSIGN_SEAL_KEY"] = "2:" + first + ",3:" + first;
  EXPECT_NE(sentence_of(sources_).find("must all be different"), std::string::npos);
}

// What a server does on SIGHUP, with the environment that it was started with.
TEST_F(ConfigEnvironment, KeysInAFileThatAVariableNamesAreReadAnew) {
  const auto first = "1:" + to_base64(std::string(32, 'a'));
  sources_.environment["COUNTERSIGN_SEAL_KEY_FILE"] = place_.write("seal", first + "\n").string();
  sources_.environment["COUNTERSIGN_CURRENT_SEAL_KEY_FILE"] = place_.write("current", "1\n").string();
  EXPECT_EQ(load_secrets(sources_)->seal_keys.size(), 1U);
  place_.write("seal", first + "," + "2:" + to_base64(std::string(32, 'b')) + "\n");
  auto secrets = load_secrets(sources_);
  ASSERT_TRUE(secrets) << secrets.error().sentence;
  EXPECT_EQ(secrets->seal_keys.size(), 2U);
  EXPECT_EQ(secrets->current_seal_key, 1U);
  place_.write("current", "2");
  EXPECT_EQ(load_secrets(sources_)->current_seal_key, 2U);
  // What is wrong elsewhere is of no matter.
  place_.write("countersign.toml", std::string(kGoodConfig) + "[limits]\nattempts_max = 9\n", 0644);
  EXPECT_TRUE(load_secrets(sources_));
}

TEST_F(ConfigEnvironment, UnknownVariablesAreRefused) {
  sources_.environment["COUNTERSIGN_LISTN"] = "127.0.0.1:1";
  EXPECT_EQ(sentence_of(sources_),
            "environment: COUNTERSIGN_LISTN is not a variable of this server; did you mean COUNTERSIGN_LISTEN?");
  sources_.environment = {{"COUNTERSIGN_METRICS_TOKEN_FIEL", "/x"}};
  EXPECT_EQ(sentence_of(sources_),
            "environment: COUNTERSIGN_METRICS_TOKEN_FIEL is not a variable of this server; did you mean "
            "COUNTERSIGN_METRICS_TOKEN_FILE?");
  sources_.environment = {{"COUNTERSIGN_FOO", "x"}};
  EXPECT_EQ(sentence_of(sources_), "environment: COUNTERSIGN_FOO is not a variable of this server; remove it.");
  sources_.environment = {{"COUNTERSIGN_PORT", "8080"}};
  EXPECT_NE(sentence_of(sources_), "") << "nothing listens there";
  sources_.environment = {{"COUNTERSIGN_LISTN", ""}};
  EXPECT_EQ(sentence_of(sources_), "") << "absent";
}

TEST_F(ConfigEnvironment, VariablesThatKubernetesSetsForAServiceAreNobodysMistake) {
  sources_.environment = {{"COUNTERSIGN_SERVICE_HOST", "10.0.0.1"},
                          {"COUNTERSIGN_SERVICE_PORT", "8080"},
                          {"COUNTERSIGN_SERVICE_PORT_HTTP", "8080"},
                          {"COUNTERSIGN_PORT", "tcp://10.0.0.1:8080"},
                          {"COUNTERSIGN_PORT_8080_TCP", "tcp://10.0.0.1:8080"},
                          {"COUNTERSIGN_PORT_8080_TCP_ADDR", "10.0.0.1"},
                          {"COUNTERSIGN_PORT_53_UDP_PROTO", "udp"},
                          {"COUNTERSIGN_METRICS_SERVICE_HOST", "10.0.0.2"}};
  EXPECT_EQ(sentence_of(sources_), "");
  for (const std::string name : {"SERVICE_PORT_", "SERVICE_PORT_http", "SERVICE_HOSTS", "PORT", "PORT_TCP",
                                 "PORT_8O80_TCP", "PORT_8080", "PORT_8080_TCP_SIZE", "8080_TCP"}) {
    sources_.environment = {{"COUNTERSIGN_" + name, "8080"}};
    EXPECT_NE(sentence_of(sources_), "") << name;
  }
}

TEST_F(ConfigEnvironment, EverySecretOfAProviderHasAVariableAndAFile) {
  const std::string other = "whsec_AAAAr8GKYqrTwjUPD8ILPZIo2LaLaSw0";
  const auto hook = [&] { return std::get<HttpHookConfig>(load().providers.at("hook")); };
  sources_.environment["COUNTERSIGN_PROVIDER_HOOK_PREVIOUS_SECRET"] = other;
  ASSERT_EQ(hook().secrets.size(), 2U);
  EXPECT_EQ(hook().secrets[1].expose(), other);
  sources_.environment = {{"COUNTERSIGN_PROVIDER_HOOK_SECRET_FILE", place_.write("hook", other + "\n").string()}};
  EXPECT_EQ(hook().secrets[0].expose(), other);
  sources_.environment = {{"CREDENTIALS_DIRECTORY", place_.dir().string()}};
  place_.write("provider_hook_secret", other);
  EXPECT_EQ(hook().secrets[0].expose(), other);

  sources_ = place_.production(std::string(kGoodConfig) +
                               "[providers.my-text]\ntype = \"twilio_messaging\"\naccount_sid = \"" + kAccountSid +
                               "\"\nfrom = \"+15005550006\"\n");
  sources_.environment["COUNTERSIGN_PROVIDER_MY_TEXT_AUTH_TOKEN_FILE"] = place_.write("token", "t0ken\n").string();
  EXPECT_EQ(std::get<TwilioMessagingConfig>(load().providers.at("my-text")).twilio.password.expose(), "t0ken");
  sources_.environment["COUNTERSIGN_PROVIDER_MY_TEX_AUTH_TOKEN"] = "x";
  EXPECT_EQ(sentence_of(sources_),
            "environment: COUNTERSIGN_PROVIDER_MY_TEX_AUTH_TOKEN is not a variable of this server; did you mean "
            "COUNTERSIGN_PROVIDER_MY_TEXT_AUTH_TOKEN?");
}

TEST_F(ConfigEnvironment, WholeSecretsFileAsACredential) {
  std::filesystem::create_directory(place_.dir() / "credentials");
  std::filesystem::rename(place_.dir() / "countersign.secrets.toml",
                          place_.dir() / "credentials/countersign.secrets.toml");
  EXPECT_NE(sentence_of(sources_), "");
  sources_.environment["CREDENTIALS_DIRECTORY"] = (place_.dir() / "credentials").string();
  // systemd shows a credential to its service with modes of its own choice.
  std::filesystem::permissions(place_.dir() / "credentials/countersign.secrets.toml", std::filesystem::perms(0440));
  EXPECT_EQ(sentence_of(sources_), "");
}

TEST_F(ConfigEnvironment, TwilioAloneTakesOverTheTelephone) {
  sources_.environment["TWILIO_ACCOUNT_SID"] = kAccountSid;
  sources_.environment["TWILIO_AUTH_TOKEN_FILE"] = place_.write("twilio", "token\n").string();
  sources_.environment["TWILIO_VERIFY_SERVICE_SID"] = kServiceSid;
  const auto config = load();
  for (const auto channel : {Channel::kSms, Channel::kCall, Channel::kWhatsapp}) {
    EXPECT_EQ(config.services[0].channels.at(channel), "twilio");
  }
  const auto& provider = std::get<TwilioVerifyConfig>(config.providers.at("twilio"));
  EXPECT_EQ(provider.twilio.account_sid, kAccountSid);
  EXPECT_EQ(provider.twilio.user, kAccountSid);
  EXPECT_EQ(provider.twilio.password.expose(), "token");
  EXPECT_EQ(provider.service_sid, kServiceSid);
}

TEST_F(ConfigEnvironment, TwilioWorksInDevelopmentToo) {
  sources_ = place_.development();
  testing::SeededRandom random;
  ASSERT_TRUE(prepare_development(sources_, random));
  std::filesystem::remove(place_.dir() / "countersign.secrets.toml");
  ASSERT_TRUE(prepare_development(sources_, random));
  sources_.environment = {
      {"TWILIO_ACCOUNT_SID", kAccountSid}, {"TWILIO_AUTH_TOKEN", "token"}, {"TWILIO_VERIFY_SERVICE_SID", kServiceSid}};
  const auto config = load();
  EXPECT_EQ(config.services[0].channels.at(Channel::kSms), "twilio");
  EXPECT_EQ(config.services[0].channels.at(Channel::kEmail), "inbox");
}

TEST_F(ConfigEnvironment, HalfOfTwilioIsRefused) {
  sources_.environment["TWILIO_ACCOUNT_SID"] = kAccountSid;
  EXPECT_EQ(sentence_of(sources_),
            "environment: providers.twilio.type is missing; for Twilio Verify set TWILIO_ACCOUNT_SID, "
            "TWILIO_AUTH_TOKEN and TWILIO_VERIFY_SERVICE_SID together.");
  sources_.environment["TWILIO_VERIFY_SERVICE_SID"] = kServiceSid;
  EXPECT_EQ(sentence_of(sources_),
            "environment: providers.twilio.auth_token is missing; set it in countersign.secrets.toml, or "
            "TWILIO_AUTH_TOKEN for the provider called twilio.");
  sources_.environment["TWILIO_AUTH_TOKEN"] = "token";
  sources_.environment["TWILIO_VERIFY_SERVICE_SID"] = "MG0123456789abcdef0123456789abcdef";
  EXPECT_EQ(
      sentence_of(sources_),
      "TWILIO_VERIFY_SERVICE_SID: providers.twilio.service_sid must be the SID of a Verify service: VA and 32 hex "
      "digits, but is \"MG0123456789abcdef0123456789abcdef\".");
}

}  // namespace
}  // namespace countersign::main
