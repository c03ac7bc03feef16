#include <gtest/gtest.h>

#include "main/config/init.h"
#include "support/fake_time.h"
#include "unit/main/workplace.h"

// Whom people are told to contact about a change, and whether anybody can be told. [STD-7]

namespace countersign::main {
namespace {

std::string without_notices() {
  std::string text(kGoodConfig);
  return text.substr(0, text.find("[notices]"));
}

class NoticesConfigTest : public ::testing::Test {
 protected:
  NoticesConfigTest() { place_.write_secrets(); }
  std::string refusal(std::string_view lines) {
    return sentence_of(place_.production(without_notices() + std::string(lines)));
  }
  std::string objection(std::string_view lines) {
    const auto config = load_config(place_.production(without_notices() + std::string(lines)));
    EXPECT_TRUE(config) << config.error().sentence;
    return config ? config->services.at(0).objection : std::string();
  }

  Workplace place_;
};

TEST_F(NoticesConfigTest, ProductionAsksWhomPeopleContact) {
  EXPECT_EQ(
      refusal(""),
      "countersign.toml: services.notices.objection is missing; say in notices.objection whom people should contact "
      "about a change that they did not ask for, such as \"support: 0800 123 4567\".");
  const Workplace fresh;
  testing::SeededRandom random;
  ASSERT_TRUE(prepare_development(fresh.development(), random));
  const auto development = load_config(fresh.development());
  ASSERT_TRUE(development) << development.error().sentence;
  EXPECT_EQ(development->services.at(0).objection, "support");
}

TEST_F(NoticesConfigTest, AServicesOwnWordWins) {
  EXPECT_EQ(objection("[services.branding]\nsupport_contact = \"0800 1\"\n"), "0800 1");
  EXPECT_EQ(objection("[services.branding]\nsupport_contact = \"0800 1\"\n[notices]\nobjection = \"0800 2\"\n"),
            "0800 2");
  EXPECT_EQ(objection("[services.notices]\nobjection = \"0800 3\"\n[notices]\nobjection = \"0800 2\"\n"), "0800 3");
}

TEST_F(NoticesConfigTest, NoLinkAndNoCeilingThatFloods) {
  EXPECT_NE(refusal("[notices]\nobjection = \"https://example.com\"\n").find("notices.objection must not hold a link"),
            std::string::npos);
  EXPECT_NE(
      refusal("[notices]\nobjection = \"x\"\nper_contact = \"51 per 24h\"\n").find("notices.per_contact must not"),
      std::string::npos);
  EXPECT_NE(refusal("[notices]\nobjection = \"x\"\nper_contact = \"10 per 1h\"\n").find("notices.per_contact must not"),
            std::string::npos);
}

TEST_F(NoticesConfigTest, CheckConfigAsksForAWebhookWhereNobodyCanBeTold) {
  const auto told = load_config(place_.production(kGoodConfig));
  ASSERT_TRUE(told);
  EXPECT_NE(summary(*told, "x").find("notices   by sms; \"support\""), std::string::npos) << summary(*told, "x");

  auto sources = place_.production(kGoodConfig);
  sources.environment["TWILIO_ACCOUNT_SID"] = "AC0123456789abcdef0123456789abcdef";
  sources.environment["TWILIO_AUTH_TOKEN"] = "0123456789abcdef0123456789abcdef";
  sources.environment["TWILIO_VERIFY_SERVICE_SID"] = "VA0123456789abcdef0123456789abcdef";
  const auto untold = load_config(sources);
  ASSERT_TRUE(untold) << untold.error().sentence;
  const std::string said = summary(*untold, "x");
  EXPECT_NE(said.find("webhook endpoint"), std::string::npos) << said;
  EXPECT_NE(said.find("counts 7d after"), std::string::npos) << said;
}

}  // namespace
}  // namespace countersign::main
