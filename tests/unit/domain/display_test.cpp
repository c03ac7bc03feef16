#include "domain/display.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "some.h"

namespace countersign::domain {
namespace {

Display good() {
  return {"Nova conta de repasse", Amount{"12480.00", "BRL"}, "Casa do Samba Ltda", {{"Conta", "Itau final 3661"}}};
}

/// The field that is refused; empty when all is well.
std::string fault(const Display& display) {
  const auto found = display_fault(display);
  return found ? found->field : "";
}

TEST(DisplayFault, LengthsAreCountedInCharacters) {
  const auto field = [](auto change) {
    Display d = good();
    change(d);
    return fault(d);
  };
  for (const char* character : {"a", "\u00E3", "\U0001F600"}) {
    EXPECT_EQ(field([&](Display& d) { d.title = times(120, character); }), "");
    EXPECT_EQ(field([&](Display& d) { d.title = times(121, character); }), "display.title");
    EXPECT_EQ(field([&](Display& d) { d.payee = times(140, character); }), "");
    EXPECT_EQ(field([&](Display& d) { d.payee = times(141, character); }), "display.payee");
    EXPECT_EQ(field([&](Display& d) { d.lines[0].label = times(40, character); }), "");
    EXPECT_EQ(field([&](Display& d) { d.lines[0].label = times(41, character); }), "display.lines.label");
    EXPECT_EQ(field([&](Display& d) { d.lines[0].value = times(200, character); }), "");
    EXPECT_EQ(field([&](Display& d) { d.lines[0].value = times(201, character); }), "display.lines.value");
    EXPECT_EQ(field([&](Display& d) { d.lines[0].previous = times(200, character); }), "");
    EXPECT_EQ(field([&](Display& d) { d.lines[0].previous = times(201, character); }), "display.lines.previous");
  }
  EXPECT_EQ(field([](Display& d) { d.title.clear(); }), "display.title");
  EXPECT_EQ(field([](Display& d) { d.lines[0].label.clear(); }), "display.lines.label");
  EXPECT_EQ(field([](Display& d) { d.lines[0].value.clear(); }), "");
  EXPECT_EQ(field([](Display& d) { d.lines[0] = {"Conta", "", "Bradesco final 1234"}; }), "display.lines.value")
      << "something struck, and nothing in its place";
  EXPECT_EQ(field([](Display& d) { d.lines[0].previous = "Itau\u202Efinal 3661"; }), "display.lines.previous");
  EXPECT_EQ(field([](Display& d) { d.lines.resize(20, {"l", "v"}); }), "");
  EXPECT_EQ(field([](Display& d) { d.lines.resize(21, {"l", "v"}); }), "display.lines");
}

TEST(DisplayFault, AmountsAreDigitsAsTheyWereWritten) {
  const auto value = [](std::string_view text) {
    Display d = good();
    d.amount->value = text;
    return fault(d).empty();
  };
  for (const char* text : {"0", "0.5", "12480", "12480.0", "12480.12", "999999999999999.99"}) {
    EXPECT_TRUE(value(text)) << text;
  }
  for (const char* text : {"", ".", "1.", ".5", "01", "-1", "+1", "1e3", "1,5", "1.23456", "1234567890123456", " 1",
                           "1 ", "0x1", "1.2.3", "\u0661"}) {
    EXPECT_FALSE(value(text)) << text;
  }
  for (const char* currency : {"", "BR", "BRLL", "brl", "B1L"}) {
    Display d = good();
    d.amount->currency = currency;
    EXPECT_EQ(fault(d), "display.amount.currency") << currency;
  }
}

TEST(DisplayFault, AnAmountHasNoMoreDecimalsThanItsCurrency) {
  struct Row {
    const char *value, *currency, *reason;  // An empty reason: it is good.
  };
  for (const auto& row : std::vector<Row>{{"1000", "JPY", ""},
                                          {"1000.00", "JPY", "has decimals, and JPY has none: such as \"12480\""},
                                          {"1000.5", "CLP", "has decimals, and CLP has none: such as \"12480\""},
                                          {"1.250", "KWD", ""},
                                          {"1.2505", "BHD", "has 4 decimals, and BHD has at most 3"},
                                          {"12480.125", "BRL", "has 3 decimals, and BRL has at most 2"},
                                          {"1.2345", "CLF", ""},
                                          {"1.2345", "XAU", ""},
                                          {"1.2345", "BTC", ""}}) {
    Display d = good();
    d.amount = Amount{row.value, row.currency};
    const auto found = display_fault(d);
    EXPECT_EQ(found ? found->reason : "", row.reason) << row.value << row.currency;
    EXPECT_EQ(found ? found->field : "display.amount.value", "display.amount.value");
  }
}

TEST(DisplayFault, TheShortLineIsShort) {
  Display d = good();
  d.short_line = times(60, "\u00E3");
  EXPECT_EQ(fault(d), "");
  d.short_line = times(61, "\u00E3");
  EXPECT_EQ(fault(d), "display.short");
  d.short_line = "Itau\u202Efinal";
  EXPECT_EQ(fault(d), "display.short");
}

TEST(IsShowable, NothingThatMakesATextReadAsAnother) {
  for (const char* text : {"\n", "\t", "\x7F", "\u0085", "\u200B", "\u200E", "\u202E", "\u2028", "\u2066", "\uFEFF",
                           "\u061C", "\uFFF9", "\U000E0041"}) {
    EXPECT_FALSE(is_showable(std::string("Ana") + text + "Lima", 100)) << text;
  }
  for (const char* text : {" ", "\u00A0", "\u200A", "\u2010", "\u2070", "\uFFFD", "\U0001F600"}) {
    EXPECT_TRUE(is_showable(std::string("Ana") + text + "Lima", 100)) << text;
  }
  EXPECT_FALSE(is_showable("\xC3", 10));
  EXPECT_FALSE(is_showable("\xED\xA0\x80", 10));  // half of a surrogate pair
  EXPECT_TRUE(is_showable("", 0));
}

TEST(IsShowable, NamesThatNeedAJoinerToBeSpelled) {
  for (const char* text :
       {"می‌خواهم", "علی‌رضا", "ශ්‍රී ලංකා", "क्‍ष", "ন্‌",
        "ന്‍", "👨‍👩‍👧‍👦", "❤️‍🔥", "🏳️‍🌈", "👩🏽‍🚀", "ه‍"})
    EXPECT_TRUE(is_showable(text, 100)) << text;
}

// The attacker's: two texts that read alike, a text that reads as another, a mark that hides.
TEST(IsShowable, AJoinerHidesNothing) {
  for (const char* joiner : {"\u200C", "\u200D"}) {
    const auto with = [&](std::string before, std::string after) { return is_showable(before + joiner + after, 100); };
    EXPECT_FALSE(with("", "Ana"));
    EXPECT_FALSE(with("Ana", "Lima"));
    EXPECT_FALSE(with("Ана", "Лима"));
    EXPECT_FALSE(with("Itau final 36", "61"));
    EXPECT_FALSE(with("حساب ٣٦", "٦١")) << "digits of any script";
    EXPECT_FALSE(with("१२", "३"));
    EXPECT_FALSE(with("می ", "خواهم"));
    EXPECT_FALSE(with(std::string("می") + joiner, "خواهم")) << "two of them";
    EXPECT_FALSE(with("A\uFE0F", "b"));
    EXPECT_FALSE(with("שלום", "עולם"));
    EXPECT_TRUE(with("می", "خواهم"));
  }
  EXPECT_FALSE(is_showable("علی\u202Eرضا", 100));
  EXPECT_FALSE(is_showable("می\u200Cخواهم\u2066", 100));
}

TEST(IsShowable, HoldsForAnyBytes) {
  EXPECT_TRUE(rc::check("never reads outside, never accepts more than the bound", [](const std::string& bytes) {
    if (is_showable(bytes, 5)) RC_ASSERT(bytes.size() <= 20);
  }));
}

TEST(Display, ComesBackFromItsJson) {
  EXPECT_TRUE(rc::check([] {
    Display d = good();
    d.title = *some_text();
    if (*rc::gen::arbitrary<bool>()) d.amount.reset();
    if (*rc::gen::arbitrary<bool>()) d.payee.clear();
    d.lines.resize(*rc::gen::inRange<std::size_t>(0, 21), {"l", "v"});
    if (!d.lines.empty()) d.lines.back().previous = *some_text();
    if (*rc::gen::arbitrary<bool>()) d.short_line = *some_text();
    RC_PRE(!display_fault(d));
    const std::string text = canonical_json(to_json(d));
    const Display back = display_from_json(*parse_json(text));
    RC_ASSERT(canonical_json(to_json(back)) == text);
    RC_ASSERT(back.title == d.title);
    RC_ASSERT(back.amount.has_value() == d.amount.has_value());
    RC_ASSERT(back.lines.size() == d.lines.size());
    RC_ASSERT(back.short_line == d.short_line);
    if (!d.lines.empty()) RC_ASSERT(back.lines.back().previous == d.lines.back().previous);
  }));
}

// What was sealed before there was a previous value, and what an application leaves out: the same bytes as ever.
TEST(Display, WithoutAPreviousValueIsWhatItWas) {
  const std::string old = R"({"lines":[{"label":"Conta","value":"Itau final 3661"}],"title":"Nova conta"})";
  const Display back = display_from_json(*parse_json(old));
  EXPECT_EQ(back.lines.at(0).previous, "");
  EXPECT_FALSE(back.lines.at(0).replaces());
  EXPECT_EQ(canonical_json(to_json(back)), old);
  Display changed = back;
  changed.lines[0].previous = "Bradesco final 1234";
  EXPECT_TRUE(changed.lines[0].replaces());
  EXPECT_NE(canonical_json(to_json(changed)), old) << "it is bound to the proof";
  changed.lines[0].previous = changed.lines[0].value;
  EXPECT_FALSE(changed.lines[0].replaces());
  EXPECT_FALSE((DisplayLine{"Conta", "", "Bradesco final 1234"}).replaces()) << "held before it was refused";
}

TEST(Display, ReadsWhatWasSealedBeforeThereWasAShortLine) {
  const Display old = display_from_json(*parse_json(R"({"lines":[{"label":"Conta","value":"Itau"}],"title":"Nova"})"));
  EXPECT_EQ(old.short_line, "");
  EXPECT_EQ(canonical_json(to_json(old)), R"({"lines":[{"label":"Conta","value":"Itau"}],"title":"Nova"})");
}

TEST(FormatAmount, AsPeopleReadIt) {
  struct Row {
    const char *value, *currency, *locale, *text;
  };
  const std::vector<Row> rows{
      {"12480.00", "BRL", "pt-BR", "R$ 12.480,00"},
      {"12480.00", "BRL", "en", "BRL 12,480.00"},
      {"12480", "BRL", "pt-BR", "R$ 12.480,00"},
      {"0.5", "USD", "en", "USD 0.50"},
      {"999", "USD", "pt-BR", "USD 999,00"},
      {"1000", "USD", "es", "USD 1,000.00"},
      {"1234567.8912", "EUR", "en", "EUR 1,234,567.8912"},  // Held before there was a bound.
      {"1000", "JPY", "en", "JPY 1,000"},
      {"1000", "JPY", "pt-BR", "JPY 1.000"},
      {"25000", "CLP", "es", "CLP 25,000"},
      {"1.5", "KWD", "en", "KWD 1.500"},
      {"2", "BHD", "pt-BR", "BHD 2,000"},
      {"7", "CLF", "en", "CLF 7.0000"},
      {"7", "BTC", "en", "BTC 7.00"},
  };
  for (const auto& row : rows) EXPECT_EQ(format_amount({row.value, row.currency}, row.locale), row.text);
}

}  // namespace
}  // namespace countersign::domain
