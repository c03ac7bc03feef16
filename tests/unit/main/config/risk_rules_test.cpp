#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "main/config/parts.h"

namespace countersign::main {
namespace {

std::string error_of(std::string_view text) {
  const auto rules = rules_of_file(text, "rules.toml", "shop");
  return rules ? "none" : rules.error();
}

const risk::Rule* find(const std::vector<risk::Rule>& rules, std::string_view name) {
  const auto found = std::ranges::find(rules, name, &risk::Rule::name);
  return found == rules.end() ? nullptr : &*found;
}

TEST(RiskRulesConfig, RulesAreReadOverTheBuiltInOnes) {
  const auto rules = rules_of_file(R"(
[[risk.rules]]
name = "large"
points = ["hold", "claim"]
when = "amount > 5000 && new_device"
outcome = "review"
advisory = true
[[risk.rules]]
name = "of-another"
account = "other"
when = "amount > 1"
outcome = "note"
[risk.built_in.many_holds]
off = true
[risk.built_in.shared_payout]
outcome = "note"
shadow = true
)",
                                   "rules.toml", "shop");
  ASSERT_TRUE(rules) << rules.error();
  const auto* large = find(*rules, "large");
  ASSERT_NE(large, nullptr);
  EXPECT_EQ(large->points, (risk::Points{risk::Point::kHold, risk::Point::kClaim}));
  EXPECT_TRUE(large->advisory);
  EXPECT_EQ(find(*rules, "of-another"), nullptr);
  EXPECT_EQ(find(*rules, "many_holds"), nullptr);
  EXPECT_TRUE(find(*rules, "shared_payout")->shadow);
}

TEST(RiskRulesConfig, AMistakeIsNamedWithItsPlaceAndWhatMendsIt) {
  const auto with = [](std::string_view lines) {
    return "[[risk.rules]]\nname = \"a\"\noutcome = \"note\"\n" + std::string(lines);
  };
  EXPECT_EQ(error_of(with("when = \"amont > 5\"")),
            "rules.toml:4: risk.rules.when is wrong at column 1: amont is not known; did you mean amount?");
  EXPECT_NE(error_of(with("when = \"true\"\npoints = [\"claims\"]")).find("must be one of hold"), std::string::npos);
  EXPECT_NE(error_of("[[risk.rules]]\nname = \"a\"\nwhen = \"true\"").find("needs outcome"), std::string::npos);
  EXPECT_NE(error_of(with("when = \"true\"\nshadows = true")).find("did you mean shadow"), std::string::npos);
  EXPECT_NE(error_of("[risk.built_in.many_hold]\noff = true").find("did you mean many_holds"), std::string::npos);
  EXPECT_NE(error_of(with("when = \"true\"\n") + with("when = \"false\"")).find("name of another rule"),
            std::string::npos);
  std::string many;
  for (int i = 0; i < 101; ++i)
    many += "[[risk.rules]]\nname = \"r" + std::to_string(i) + "\"\nwhen = \"amount > 1\"\noutcome = \"note\"\n";
  EXPECT_NE(error_of(many).find("at most 100"), std::string::npos);
}

std::string content_of(const std::string& file) {
  std::ifstream in(std::string(CS_SOURCE_DIR) + "/" + file);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(RiskRulesConfig, ThePolicyPackForBrazilIsRight) {
  const auto rules = rules_of_file(content_of("deploy/risk/brazil.toml"), "brazil.toml", "shop");
  ASSERT_TRUE(rules) << rules.error();
  EXPECT_EQ(risk::doubts_about(*rules), std::vector<std::string>());
  risk::Features night;
  night.words.currency = "BRL";
  night.set(risk::Feature::kLocalHour, 23);
  night.set(risk::Feature::kAmountDay, 5000);
  night.set(risk::Feature::kNewDevice, 1);
  const auto outcome = [&] {
    return risk::decide(risk::Point::kHold, risk::judge(*rules, risk::Point::kHold, night), {}).outcome;
  };
  EXPECT_EQ(outcome(), risk::Outcome::kReview);
  night.set(risk::Feature::kNewDevice, 0);
  EXPECT_EQ(outcome(), risk::Outcome::kAnotherKind);
  night.set(risk::Feature::kLocalHour, 12);
  EXPECT_EQ(outcome(), risk::Outcome::kAllow);
}

// docs/fraud.md lists them for operators.
TEST(RiskRulesConfig, TheDocumentListsAllFeaturesAndBuiltInRules) {
  const std::string document = content_of("docs/fraud.md");
  for (std::size_t f = 0; f < risk::kFeatures; ++f) {
    const auto& info = risk::info(static_cast<risk::Feature>(f));
    const auto row = "| `" + std::string(info.name) + "` | " + std::string(info.unit) + " |";
    EXPECT_NE(document.find(row), std::string::npos) << row;
  }
  for (const auto& rule : risk::built_in_rules()) {
    std::string when = rule.when.text();
    for (std::size_t at = when.find("||"); at != std::string::npos; at = when.find("||", at + 4))
      when.replace(at, 2, "\\|\\|");
    const auto row = "`" + when + "` | `" + std::string(risk::to_text(rule.outcome)) + "` |";
    EXPECT_NE(document.find("| `" + rule.name + "` |"), std::string::npos) << rule.name;
    EXPECT_NE(document.find(row), std::string::npos) << row;
  }
}

}  // namespace
}  // namespace countersign::main
