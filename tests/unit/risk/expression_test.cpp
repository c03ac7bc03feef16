#include "risk/expression.h"

#include <gtest/gtest.h>

namespace countersign::risk {
namespace {

bool matches(std::string_view text, const Features& features, Point point = Point::kClaim) {
  const auto parsed = Expression::parse(text);
  EXPECT_TRUE(parsed) << text << ": " << (parsed ? "" : to_text(parsed.error()));
  return parsed && parsed->matches(point, features);
}

std::string fault_of(std::string_view text) {
  const auto parsed = Expression::parse(text);
  return parsed ? "none" : to_text(parsed.error());
}

Features payout() {
  Features features;
  features.set(Feature::kAmount, 7500);
  features.set(Feature::kNewDevice, 1);
  features.set(Feature::kEstablished, 0);
  features.set(Feature::kHoldsDay, 3);
  features.words.type = "payout_account.change";
  features.words.country = "BR";
  return features;
}

TEST(RiskExpression, ComparesNumbersTruthsAndWords) {
  const auto features = payout();
  EXPECT_TRUE(matches("point == 'claim' && amount > 5000 && new_device && !established", features));
  EXPECT_FALSE(matches("point == 'claim' && amount > 5000 && new_device && !established", features, Point::kHold));
  EXPECT_TRUE(matches("amount >= 7500 and amount <= 7500 and not (amount < 7500 or amount != 7500)", features));
  EXPECT_TRUE(matches("country == \"BR\"", features));
  EXPECT_TRUE(matches("'BR' == country", features));
  EXPECT_FALSE(matches("country != 'BR'", features));
  EXPECT_TRUE(matches("country in ('PT', 'BR') && !(country in ('AO'))", features));
  EXPECT_TRUE(matches("established == false && new_device != established", features));
}

TEST(RiskExpression, CalculatesAsIsUsual) {
  const auto features = payout();
  EXPECT_TRUE(matches("1 + 2 * 3 == 7 && 10 - 2 - 3 == 5 && 12 / 2 / 3 == 2 && -2 + 3 == 1 && --2 == 2", features));
  EXPECT_TRUE(matches("(1 + 2) * 3 == 9 && max(20, 0.5 * amount) == 3750 && min(20, amount) == 20", features));
  EXPECT_TRUE(matches("false && false || true", features));
  EXPECT_FALSE(matches("false && (false || true)", features));
  EXPECT_TRUE(matches("amount / holds_day == 2500", features));
}

TEST(RiskExpression, WhatIsNotKnownIsNeitherTrueNorFalse) {
  const Features nothing;
  for (const char* text :
       {"amount > 5", "!(amount > 5)", "amount <= 5", "amount == amount", "new_device", "!new_device", "amount + 1 > 0",
        "max(1, amount) > 0", "country == 'BR'", "country != 'BR'", "!(country in ('BR'))", "1 / 0 == 1 / 0",
        "!(1 / 0 > 1)", "0 * (1 / 0) == 0", "new_device != established", "new_device && true", "new_device || false"}) {
    EXPECT_FALSE(matches(text, nothing)) << text;
  }
  EXPECT_TRUE(matches("new_device || true", nothing));
  EXPECT_TRUE(matches("!(new_device && false)", nothing));
  EXPECT_TRUE(matches("!known(amount) && !known(country) && known(point)", nothing));
  EXPECT_TRUE(matches("known(amount) && known(country) && known(established) && !known(line_type)", payout()));
}

TEST(RiskExpression, ANumberTooLargeToCountIsNotKnown) {
  Features features;
  features.set(Feature::kAmount, 1e308);
  EXPECT_FALSE(matches("amount * amount > 5", features));
  EXPECT_FALSE(matches("!(amount * amount > 5)", features));
  features.set(Feature::kAmount, std::numeric_limits<double>::infinity());
  EXPECT_FALSE(matches("amount > 5 || known(amount)", features));
}

TEST(RiskExpression, AnErrorNamesItsColumnAndWhatMendsIt) {
  const std::vector<std::pair<std::string, std::string>> faults = {
      {"", "column 1: is empty; write a condition, as in amount > 5000"},
      {"  ", "column 1: is empty; write a condition, as in amount > 5000"},
      {"amont > 5", "column 1: amont is not known; did you mean amount?"},
      {"known(amont)", "column 7: amont is not known; did you mean amount?"},
      {"amount > 5 && zzzzzzzzzzzz", "column 15: zzzzzzzzzzzz is not known; docs/fraud.md lists the names"},
      {"amount", "column 1: amount is a number; compare it, as in amount > 0"},
      {"!amount", "column 2: amount is a number; compare it, as in amount > 0"},
      {"new_device > 0", "column 1: new_device is true or false, and no number; write new_device or !new_device alone"},
      {"new_device == 1",
       "column 1: new_device is true or false, and no number; write new_device or !new_device alone"},
      {"country", "column 1: country is a word; compare it with a text, as in country == '…'"},
      {"country > 'BR'", "column 9: texts are only equal or not; write == or !="},
      {"country == BR", "column 12: BR is not known; docs/fraud.md lists the names"},
      {"country == type", "column 1: country is a word; compare it with a text, as in country == '…'"},
      {"country == 5", "column 1: country is a word; compare it with a text, as in country == '…'"},
      {"country == 'br'", "column 12: br is no country; write its two capital letters, as in 'BR'"},
      {"currency == '€'", "column 13: € is no currency; write its three capital letters, as in 'BRL'"},
      {"point == 'claims'", "column 10: claims is no point; did you mean claim?"},
      {"channel == 'fax'",
       "column 12: fax is no channel; write 'sms', 'call', 'whatsapp' or 'email', or at enrol 'totp', 'webauthn', "
       "'push' or 'recovery_code'"},
      {"line_type == ''", "column 14: an empty text is never equal; write !known(line_type)"},
      {"amount == 'BR'", "column 11: a text is only compared with a word, as in country == 'BR'"},
      {"amount = 5", "column 8: write == to compare"},
      {"new_device & established", "column 12: write &&"},
      {"new_device | established", "column 12: write ||"},
      {"amount > 30 %", "column 13: there is no %; write 30 % as 0.3"},
      {"amount > 5k", "column 10: 5k is no number; write digits without a unit, as in 5000 or 0.3"},
      {"amount > 5.", "column 10: 5. is no number; write digits without a unit, as in 5000 or 0.3"},
      {"type == 'é' && amount >", "column 24: something is missing at the end"},
      {"1 < amount < 5", "column 12: comparisons are not chained; write a < b && b < c"},
      {"amount > 5 established", "column 12: established cannot follow here; join conditions with && or ||"},
      {"(amount > 5", "column 12: a ( has no end; close it with )"},
      {"amount > 5)", "column 11: there is no ( for this ); remove it"},
      {"country == 'BR", "column 12: the text has no end; close it with '"},
      {"amount > > 5", "column 10: a name or a number must come before >"},
      {"new_device == !established", "column 15: put parentheses around it, as in (!established)"},
      {"amount > 5; true", "column 11: ; means nothing here; remove it"},
      {"max(amount) > 5", "column 11: max takes two numbers; put a comma between them"},
      {"amount in ('a')", "column 1: only words can be in a list, as in country in ('BR', 'PT')"},
      {"country in ()", "column 13: a list has texts, as in ('BR', 'PT')"},
      {"country in 'BR'", "column 12: a list must follow, as in ('BR', 'PT')"},
      {"\xff", "column 1: is not UTF-8"},
  };
  for (const auto& [text, sentence] : faults) EXPECT_EQ(fault_of(text), sentence) << text;
}

TEST(RiskExpression, LengthDepthAndStepsAreBounded) {
  EXPECT_EQ(fault_of(std::string(1001, ' ')), "column 1: is longer than 1000 bytes; make it two rules");
  const auto nested = [](std::size_t n) { return std::string(n, '(') + "true" + std::string(n, ')'); };
  EXPECT_EQ(fault_of(nested(kExpressionDepthMax - 1)), "none");
  EXPECT_NE(fault_of(nested(kExpressionDepthMax + 1)).find("nested too deeply"), std::string::npos);
  EXPECT_NE(fault_of(std::string(900, '!') + "true").find("nested too deeply"), std::string::npos);
  EXPECT_NE(fault_of(std::string(900, '-') + "1 > 0").find("nested too deeply"), std::string::npos);
  const auto many = [](std::size_t n) {
    std::string text = "true";
    for (std::size_t i = 1; i < n; ++i) text += "||true";
    return text;
  };
  EXPECT_EQ(fault_of(many(64)), "none");
  EXPECT_NE(fault_of(many(65)).find("more than 128"), std::string::npos);
}

TEST(RiskExpression, FiguresSayWhatWasComparedWithWhat) {
  const auto parsed =
      Expression::parse("new_device && amount > max(20, 0.5 * holds_day) && 10 > holds_day && denials_day > 1");
  ASSERT_TRUE(parsed);
  const std::vector<Figure> expected{{"new_device", 1, 1}, {"amount", 7500, 20}, {"holds_day", 3, 10}};
  EXPECT_EQ(parsed->figures(Point::kHold, payout()), expected);
}

TEST(RiskExpression, TheSameConditionIsRecognized) {
  const auto one = Expression::parse("amount > 5 and not established and country != 'BR'");
  const auto same = Expression::parse("(amount>5) && (!established) && !(country == \"BR\")");
  const auto other = Expression::parse("amount > 5 and not established and country != 'PT'");
  ASSERT_TRUE(one && same && other);
  EXPECT_TRUE(one->says_the_same_as(*same));
  EXPECT_FALSE(one->says_the_same_as(*other));
}

TEST(RiskExpression, WhatMatchesEverybodyIsRecognized) {
  const auto everybody = [](std::string_view text) { return Expression::parse(text)->matches_everybody(Point::kHold); };
  for (const char* text : {"true", "amount >= 0 || amount < 0", "point == 'hold'", "known(amount) || !known(amount)",
                           "established || !established", "1 + 1 == 2"}) {
    EXPECT_TRUE(everybody(text)) << text;
  }
  for (const char* text : {"new_device", "amount > 5", "amount < 5000", "country != 'BR'", "point == 'claim'",
                           "holds_day > 3 || amount < 2", "known(amount)", "local_hour >= 22 || local_hour < 6"}) {
    EXPECT_FALSE(everybody(text)) << text;
  }
}

}  // namespace
}  // namespace countersign::risk
