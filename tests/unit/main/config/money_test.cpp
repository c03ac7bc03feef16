#include <gmock/gmock.h>

#include "main/config/config.h"
#include "main/config/parts.h"
#include "unit/main/workplace.h"

// Budgets in money: every mistake in one sentence that mends it.
namespace countersign::main {
namespace {

using ::testing::HasSubstr;

/// The configuration with a price for its provider, and this beside it.
ConfigSources with_money(const Workplace& place, const std::string& more, const std::string& cost = "0.05 USD") {
  place.write_secrets();
  auto text = std::string(kGoodConfig);
  if (!cost.empty()) text += "\n[providers.hook.cost]\ndefault = \"" + cost + "\"\n";
  return place.production(text + "\n" + more);
}

std::string money_sentence(const std::string& more, const std::string& cost = "0.05 USD") {
  const Workplace place;
  return sentence_of(with_money(place, more, cost));
}

TEST(ConfigMoney, IsReadWhole) {
  const Workplace place;
  const auto config = load_config(with_money(place, R"([risk.money]
currency = "BRL"
reserve = 10
rates = { USD = "5.4" }
day = "500 BRL"
countries = { BR = "400.5 BRL", default = "20 BRL" }
)"));
  ASSERT_TRUE(config) << config.error().sentence;
  EXPECT_EQ(config->money.budgets.day, 500'000'000);
  EXPECT_EQ(config->money.budgets.countries.at("BR"), 400'500'000);
  EXPECT_EQ(config->money.budgets.countries.at(""), 20'000'000);
  EXPECT_EQ(config->money.rates.at("USD"), 5'400'000);
  EXPECT_EQ(config->money.reserve, 10);
  ASSERT_FALSE(config->accounts.empty());
  EXPECT_EQ(config->accounts.front().budgets.day, 500'000'000);
  EXPECT_THAT(summary(*config, "sqlite"), HasSubstr("500.00 BRL a UTC day for everybody, and 10 % of it more"));
}

TEST(ConfigMoney, EachMistakeHasASentenceThatMendsIt) {
  EXPECT_THAT(money_sentence("[risk.money]\nday = \"5 BRL\"\n"), HasSubstr("needs risk.money.currency"));
  EXPECT_THAT(money_sentence("[risk.money]\ncurrency = \"BRL\"\nday = \"5 USD\"\n"),
              HasSubstr("is in USD, but budgets are in BRL; write it in that"));
  EXPECT_THAT(money_sentence("[risk.money]\ncurrency = \"BRL\"\n"),
              HasSubstr("set risk.money.rates.USD to what one USD costs in BRL"));
  EXPECT_THAT(money_sentence("[risk.money]\ncurrency = \"BRL\"\n", ""), HasSubstr("set providers.NAME.cost.default"));
  EXPECT_THAT(money_sentence("[risk.money]\ncurrency = \"real\"\n"), HasSubstr("must be three capital letters"));
  EXPECT_THAT(money_sentence("[risk.money]\ncurrency = \"BRL\"\nrates = { USD = \"0\" }\n"),
              HasSubstr("what one USD costs in BRL"));
  EXPECT_THAT(money_sentence("[risk.money]\ncurrency = \"USD\"\ncountries = { Brazil = \"5 USD\" }\n"),
              HasSubstr("is no country such as BR"));
  EXPECT_THAT(money_sentence("[risk.money]\ncurrency = \"USD\"\nday = \"a lot\"\n"), HasSubstr("a sum such as"));
}

TEST(ConfigMoney, CheckConfigNamesWhatHasNoPrice) {
  const Workplace place;
  place.write_secrets();
  const auto config = load_config(place.production(
      std::string(kGoodConfig) + "\n[providers.hook.cost]\nBR = \"0.05 USD\"\n[risk.money]\ncurrency = \"USD\"\n"));
  ASSERT_TRUE(config) << config.error().sentence;
  EXPECT_EQ(unpriced(*config), std::vector<std::string>{"hook (other countries)"});
  const auto text = summary(*config, "sqlite");
  EXPECT_THAT(text, HasSubstr("no price is known of hook (other countries)"));
  EXPECT_THAT(text, HasSubstr("has no budget: set risk.money.day"));
}

}  // namespace
}  // namespace countersign::main
