#include "demo/numbers.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

namespace countersign::demo {
namespace {

constexpr std::int64_t kMax = 9'999'999'99;
const std::array<std::string, 3> kLanguages{"pt-BR", "en", "es"};

NumberStyle style(std::size_t language) { return number_style(kLanguages.at(language)); }
auto any_language() { return rc::gen::inRange<std::size_t>(0, kLanguages.size()); }

/// Of every length, because each reads differently: `0,05`, `12,00`, `1.234,00`.
rc::Gen<std::int64_t> up_to(std::int64_t max) {
  return rc::gen::mapcat(rc::gen::inRange<std::int64_t>(0, 10), [max](std::int64_t digits) {
    std::int64_t end = 10;
    for (; digits > 0 && end <= max; --digits) end *= 10;
    return rc::gen::resize(100, rc::gen::inRange<std::int64_t>(0, std::min(end, max + 1)));
  });
}

/// Up to four runs of one to three digits with something between them.
rc::Gen<std::string> like_a_number() {
  const auto digits = rc::gen::resize(100, rc::gen::inRange(0, 1000));
  const auto run = rc::gen::pair(digits, rc::gen::element<std::string>(".", ",", " "));
  return rc::gen::map(rc::gen::container<std::vector<std::pair<int, std::string>>>(3, run), [](const auto& runs) {
    std::string text;
    for (const auto& [number, separator] : runs) {
      text += std::to_string(number);
      if (number % 3 == 0 && !text.empty()) return text;
      text += separator;
    }
    return text + "50";
  });
}

/// The number, or the fault below zero.
std::int64_t value_of(const Result<std::int64_t, NumberFault>& number) {
  return number ? *number : -1 - static_cast<std::int64_t>(number.error());
}

TEST(Numbers, WhatALanguageWritesParsesBackInEveryLanguage) {
  EXPECT_TRUE(rc::check([] {
    const auto cents = *up_to(kMax);
    const auto written = *any_language();
    const auto read = *any_language();
    const std::string number = format_cents(cents, style(written));
    for (const auto& text : {number, "R$ " + number, "R$\u00a0" + number, number + " reais", "BRL " + number}) {
      const auto parsed = parse_cents(text, style(read), kMax);
      RC_ASSERT(parsed.has_value());
      RC_ASSERT(*parsed == cents);
    }
  }));
  EXPECT_TRUE(rc::check([] {
    const auto count = *up_to(200'000);
    const auto language = *any_language();
    const auto parsed = parse_count(format_count(count, style(language)), style(language), 200'000);
    RC_ASSERT(parsed.has_value() && *parsed == count);
  }));
}

/// Whatever is typed, languages differ in whether they take it, never in what it is.
TEST(Numbers, NoTextMeansTwoSums) {
  EXPECT_TRUE(rc::check([] {
    const auto text = *like_a_number();
    std::optional<std::int64_t> cents;
    std::optional<std::int64_t> count;
    for (const auto& language : kLanguages) {
      const auto as_cents = parse_cents(text, number_style(language), kMax);
      const auto as_count = parse_count(text, number_style(language), kMax);
      if (as_cents) RC_ASSERT(cents.value_or(*as_cents) == *as_cents);
      if (as_count) RC_ASSERT(count.value_or(*as_count) == *as_count);
      if (as_cents && as_count) RC_ASSERT(*as_cents == *as_count * 100);
      if (as_cents) cents = *as_cents;
      if (as_count) count = *as_count;
    }
  }));
}

TEST(Numbers, AsPeopleWriteThem) {
  const std::pair<const char*, std::int64_t> rows[] = {
      {"80", 8000},
      {"0", 0},
      {"10.50", 1050},
      {"10,50", 1050},
      {"10,5", 1050},
      {"1.5", 150},
      {"R$ 80,5", 8050},
      {"r$80", 8000},
      {"1.234,56", 123456},
      {"1,234.56", 123456},
      {"1 234,56", 123456},
      {"1\u202f234,5", 123450},
      {"R$\u00a0\u0661\u0660,\u0665\u0660", 1050},
      {"\u202a\uff11\uff12\u200b,50\u202c", 1250},
      {"1.234.567", 123456700},
      {"1,234,567.89", 123456789},
      {"80 reais", 8000},
      {" 80,00 ", 8000},
      {"007", 700},
  };
  for (const auto& [typed, cents] : rows) {
    for (const auto& language : kLanguages)
      EXPECT_EQ(value_of(parse_cents(typed, number_style(language), kMax)), cents) << typed;
  }
}

TEST(Numbers, ThreeDigitsBehindOneSeparatorAreThousandsWhereTheLanguageGroupsSo) {
  EXPECT_EQ(value_of(parse_cents("1.050", number_style("pt-BR"), kMax)), 105000);
  EXPECT_EQ(value_of(parse_cents("1,050", number_style("en"), kMax)), 105000);
  EXPECT_EQ(value_of(parse_cents("1.050", number_style("es"), kMax)), 105000);
  EXPECT_EQ(value_of(parse_cents("1,050", number_style("es"), kMax)), 105000);
  EXPECT_EQ(parse_cents("1.050", number_style("en"), kMax).error(), NumberFault::kTwoWays);
  EXPECT_EQ(parse_cents("1,050", number_style("pt-BR"), kMax).error(), NumberFault::kTwoWays);
}

TEST(Numbers, WhatMakesNoSenseIsRefused) {
  for (const auto* typed :
       {"-1",         "80,555,1", "8e1",   "80,", ",80", "1..2", "1.2.3",        "0.500", "1234.567",    "1.234,567",
        "1,23,456.7", "1.234.56", "12 34", "abc", "$10", "10%",  "1,234.567,89", "+5",    "1 234.567 8", "十"}) {
    for (const auto& language : kLanguages) {
      const auto parsed = parse_cents(typed, number_style(language), kMax);
      ASSERT_FALSE(parsed) << typed << " is " << *parsed;
      EXPECT_EQ(parsed.error(), NumberFault::kForm) << typed;
    }
  }
  EXPECT_EQ(parse_cents(" R$ ", number_style("pt-BR"), kMax).error(), NumberFault::kEmpty);
  EXPECT_EQ(parse_cents("10.000.000", number_style("pt-BR"), kMax).error(), NumberFault::kTooLarge);
  EXPECT_EQ(parse_cents(std::string(60, '9'), number_style("pt-BR"), kMax).error(), NumberFault::kTooLarge);
  EXPECT_EQ(value_of(parse_cents("9999999,99", number_style("pt-BR"), kMax)), kMax);
}

TEST(Numbers, CountsAreWhole) {
  for (const auto* typed : {"1.5", "1,5", "10,00", "10.0"})
    EXPECT_EQ(parse_count(typed, number_style("pt-BR"), kMax).error(), NumberFault::kFraction) << typed;
  EXPECT_EQ(value_of(parse_count("1.500", number_style("pt-BR"), kMax)), 1500);
  EXPECT_EQ(value_of(parse_count("1 500", number_style("en"), kMax)), 1500);
  EXPECT_EQ(parse_count("1.500", number_style("en"), kMax).error(), NumberFault::kTwoWays);
  EXPECT_EQ(parse_count("15 reais", number_style("pt-BR"), kMax).error(), NumberFault::kForm);
}

}  // namespace
}  // namespace countersign::demo
