#include "domain/message.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "contact/message_text.h"
#include "contact/origin_bound.h"
#include "domain/sms_words.h"
#include "some.h"

namespace countersign::domain {
namespace {

using contact::Channel;

constexpr std::array<std::string_view, 3> kLocales{"pt-BR", "en", "es"};
constexpr std::string_view kHost = "verify.example.com1";  // 19 characters

std::string sms(const Display& display, std::string_view code, const MessageParts& parts) {
  return code_message(Channel::kSms, display, code, parts).expose();
}

void expect_one_segment(const std::string& text) {
  const auto size = contact::measure_message(text);
  EXPECT_EQ(size.alphabet, contact::MessageAlphabet::kGsm7) << text;
  EXPECT_LE(size.units, 160U) << text;
  EXPECT_EQ(size.segments, 1U) << text;
}

/// The longest that a hold accepts. `character` fills title and payee.
std::vector<Display> longest(std::string_view character) {
  const Amount amount{"999999999999999.9999", "CLF"};
  const std::string title = times(120, character);
  const std::string payee = times(140, character);
  return {{title, amount, payee, {}},
          {title, std::nullopt, payee, {}},
          {title, std::nullopt, "", {}},
          {title, amount, "", {}}};
}

TEST(CodeMessage, OneSegmentForTheLongestTexts) {
  for (const char* character : {"m", "\u00E3", "\u20AC", "{", "\u1EC5", "M. "}) {
    for (const auto& display : longest(character)) {
      for (const auto locale : kLocales) {
        for (const auto host : {std::string_view(), kHost}) {
          const std::string service = times(64, character);
          for (const std::string_view code : {"123456", "1234567890"}) {
            const MessageParts parts{service, locale, host, 10};
            const std::string text = sms(display, code, parts);
            SCOPED_TRACE(locale);
            expect_one_segment(text);
            EXPECT_NE(text.find(code), std::string::npos) << text;
            if (display.amount) {
              EXPECT_NE(text.find(format_amount(*display.amount, locale)), std::string::npos) << text;
            }
          }
        }
      }
    }
  }
}

constexpr std::string_view kPalcoHost = "id.palco.example";

std::string payout_sms(const Display& display, std::string_view locale) {
  return sms(display, "482913", {"Palco", locale, kPalcoHost, 10});
}
std::string with_last_line(std::string text) { return text + "\n\n@id.palco.example #482913"; }

TEST(CodeMessage, SaysTheAmountAndWhereItGoes) {
  Display display{"Repasse", Amount{"12480.00", "BRL"}, "Casa do Samba Ltda", {}, "Ita\u00FA final 3661"};
  EXPECT_EQ(payout_sms(display, "pt-BR"),
            with_last_line("Palco: 482913 autoriza R$ 12.480,00 para Casa do Samba Ltda, Itau final 3661. Vale 10 min. "
                           "Nao pediu? Nao passe a ninguem."));
  display.short_line = "Ita\u00FA ending 3661";
  EXPECT_EQ(
      payout_sms(display, "en"),
      with_last_line("Palco: 482913 authorizes BRL 12,480.00 to Casa do Samba Ltda, Itau ending 3661. Valid 10 min. "
                     "Not you? Do not share it."));
  display.short_line = "Ita\u00FA terminada en 3661";
  display.payee = "Casa do Samba Produ\u00E7\u00F5es Art\u00EDsticas Ltda";
  EXPECT_EQ(
      payout_sms(display, "es"),
      with_last_line("Palco: 482913 autoriza BRL 12,480.00 a Itau terminada en 3661. Vale 10 min. \u00BFNo fuiste "
                     "tu? No lo compartas."))
      << "the payee gives way first";
}

TEST(CodeMessage, SaysTheTitleAndWhereItGoes) {
  Display display{"Nova conta de repasse", std::nullopt, "Casa do Samba Ltda", {}, "Ita\u00FA final 3661"};
  EXPECT_EQ(
      payout_sms(display, "pt-BR"),
      with_last_line("Palco: 482913 e o codigo para Nova conta de repasse, Itau final 3661. Vale 10 min. Nao passe "
                     "a ninguem, nem ao suporte."));
  EXPECT_EQ(payout_sms({"New payout account", std::nullopt, "", {}, "Ita\u00FA ending 3661"}, "en"),
            with_last_line("Palco: 482913 is your code for New payout account, Itau ending 3661. Valid 10 min. Never "
                           "share it, even with support."));
  EXPECT_EQ(
      payout_sms({"Nueva cuenta de pagos", std::nullopt, "", {}, "Ita\u00FA terminada en 3661"}, "es"),
      with_last_line("Palco: 482913 es tu codigo para Nueva cuenta de pagos, Itau terminada en 3661. Vale 10 min. "
                     "No lo compartas con nadie."));
}

TEST(CodeMessage, SaysTheTitleAlone) {
  EXPECT_EQ(sms({"Apagar a conta", std::nullopt, "", {}}, "123456", {"Bilheteria", "pt-BR", "", 10}),
            "Bilheteria: 123456 e o codigo para Apagar a conta. Vale 10 min. Nao passe a ninguem, nem ao suporte.");
  EXPECT_EQ(sms({"Delete account", std::nullopt, "", {}}, "123456", {"Box Office", "en", "", 5}),
            "Box Office: 123456 is your code for Delete account. Valid 5 min. Never share it, even with support.");
  EXPECT_EQ(sms({"Borrar la cuenta", std::nullopt, "", {}}, "123456", {"Taquilla", "es", "", 5}),
            "Taquilla: 123456 es tu codigo para Borrar la cuenta. Vale 5 min. No lo compartas con nadie.");
  EXPECT_EQ(sms({"Monthly fee", Amount{"9.90", "USD"}, "", {}}, "123456", {"Box Office", "en", "", 5}),
            "Box Office: 123456 authorizes USD 9.90: Monthly fee. Valid 5 min. Not you? Do not share it.");
}

TEST(CodeMessage, WithoutAShortLineItsPlaceTakesTheFirstLineOrNone) {
  Display display{"Repasse", Amount{"12480.00", "BRL"}, "Casa do Samba Ltda", {}};
  const auto says = [&](std::string_view to) {
    EXPECT_EQ(
        sms(display, "123456", {"Palco", "pt-BR", "", 10}),
        fmt::format("Palco: 123456 autoriza R$ 12.480,00 para {}. Vale 10 min. Nao pediu? Nao passe a ninguem.", to));
  };
  says("Casa do Samba Ltda");
  display.payee = times(90, "m");
  display.lines = {{"Obs.", " "}, {"Conta", "Itau final 3661"}, {"Banco", "341"}};
  says("Itau final 3661");
  // No later line takes its place: a fee is no destination.
  display.payee = "Casa do Samba Ltda";
  for (const char* first :
       {"x.com", "ana@banco.com.br", "-", "\u00B6", "\u0301", "\u2800.", "palco\u00B7cc", "Loja #7"}) {
    SCOPED_TRACE(first);
    display.lines = {{"Conta", first}, {"Taxa", "R$ 3,00"}};
    says("Casa do Samba Ltda");
  }
  const std::string too_long = times(150, "x");
  display.lines = {{"Contrato", too_long}, {"Taxa", "R$ 3,00"}};
  says("Casa do Samba Ltda");
}

TEST(CodeMessage, ABlankShortLineIsNone) {
  const Display display{"Repasse", Amount{"1.00", "BRL"}, "Casa do Samba Ltda", {}, "  "};
  EXPECT_NE(sms(display, "123456", {"Palco", "pt-BR", "", 10}).find("para Casa do Samba Ltda. Vale"),
            std::string::npos);
}

TEST(CodeMessage, WhatTheTitleSaysAlreadyIsNotSaidTwice) {
  const Display display{"Conta de repasse: Itau final 3661", std::nullopt, "", {}, "Itau final 3661"};
  EXPECT_EQ(sms(display, "123456", {"Palco", "pt-BR", "", 10}),
            "Palco: 123456 e o codigo para Conta de repasse: Itau final 3661. Vale 10 min. Nao passe a ninguem, nem ao "
            "suporte.");
  const Display other{"Conta 13661", std::nullopt, "", {}, "3661"};
  EXPECT_NE(sms(other, "123456", {"Palco", "pt-BR", "", 10}).find("Conta 13661, 3661."), std::string::npos);
  for (const char* payee :
       {"Banco Bom 3661-9", "Banco Bom 3661.9", "Banco Bom 3661/9", "Banco Bom 9-3661", "9.3661 Bom"}) {
    const Display piece{"t", Amount{"1.00", "BRL"}, payee, {}, "3661"};
    const auto text = sms(piece, "123456", {"Palco", "pt-BR", "", 10});
    EXPECT_NE(text.find(std::string(payee) + ", 3661."), std::string::npos) << text;
  }
  // What the end of a cut title looks like is not said either.
  for (const std::string_view start : {"ta 3661", "Contas 3661", "Conta da 3661.", "Conta de ela 3661"}) {
    const Display cut{std::string(start) + times(100, "9"), std::nullopt, "", {}, "3661"};
    for (std::size_t service = 4; service <= 30; ++service) {
      const std::string name = times(service, "s");
      const auto text = sms(cut, "123456", {name, "pt-BR", "id.palco.example.com", 10});
      EXPECT_NE(text.find(", 3661. Vale"), std::string::npos) << text;
    }
  }
}

TEST(CodeMessage, ThePayeeGivesWayFirstThenTheTitleThenTheService) {
  const std::string service = times(30, "s");
  const auto in = [&](std::size_t title, std::size_t payee) {
    return sms({times(title, "t"), std::nullopt, times(payee, "p"), {}, "Itau final 3661"}, "123456",
               {service, "en", kHost, 10});
  };
  for (const auto& text : {in(1, 2), in(8, 140), in(120, 140)}) {
    expect_one_segment(text);
    EXPECT_NE(text.find("Itau final 3661"), std::string::npos) << text;
    EXPECT_NE(text.find("Never share it, even with support."), std::string::npos) << text;
  }
  EXPECT_NE(in(1, 2).find("for t, pp, Itau"), std::string::npos) << in(1, 2);
  const auto roomy =
      sms({times(25, "t"), std::nullopt, times(10, "p"), {}, "Itau final 3661"}, "123456", {"Palco", "en", kHost, 10});
  EXPECT_NE(roomy.find("for " + times(25, "t") + ", Itau final 3661."), std::string::npos)
      << "no title is cut for a payee's sake: " << roomy;
  EXPECT_NE(in(8, 140).find("ss: 123456 is your code for"), std::string::npos) << in(8, 140);
  EXPECT_EQ(in(8, 140).find("ppp"), std::string::npos);
  EXPECT_TRUE(in(120, 140).starts_with(service)) << "the title goes before the service's name: " << in(120, 140);
}

TEST(CodeMessage, ACutNeverTakesMoreThanItSaves) {
  const MessageParts parts{"Palco", "en", kPalcoHost, 10};
  Display display{"t", Amount{"12480.00", "BRL"}, "", {}, "x"};
  const std::size_t most = short_line_room(display, 8, parts).most;
  display.short_line = times(most, "x");
  EXPECT_TRUE(sms(display, "12345678", parts).starts_with("Palco: ")) << "\"Pal...\" is longer";
  expect_one_segment(sms(display, "12345678", parts));
  display.short_line += 'x';
  EXPECT_EQ(contact::measure_message(sms(display, "12345678", parts)).segments, 2U);
}

TEST(CodeMessage, OtherScriptsGoOutAsTheyAreSpelled) {
  const auto size_of = [](const std::string& text) { return contact::measure_message(text); };
  const Display payee{
      "Payout", Amount{"12480.00", "EUR"}, "\u0418\u0432\u0430\u043D \u041F\u0435\u0442\u0440\u043E\u0432", {}};
  const auto russian = sms(payee, "123456", {"Palco", "en", "", 10});
  EXPECT_EQ(russian,
            "Palco: 123456 authorizes EUR 12,480.00 to " + payee.payee + ". Valid 10 min. Not you? Do not share it.");
  EXPECT_EQ(size_of(russian).alphabet, contact::MessageAlphabet::kUcs2);
  EXPECT_EQ(size_of(russian).segments, 2U);
  // In UCS-2 there is room for every accent.
  const auto portuguese = sms(payee, "123456", {"Palco", "pt-BR", "", 10});
  EXPECT_NE(portuguese.find("N\u00E3o passe a ningu\u00E9m."), std::string::npos) << portuguese;
  // A payee that is not all that is known gives way, and one segment is enough.
  Display with_line = payee;
  with_line.short_line = "Itau final 3661";
  expect_one_segment(sms(with_line, "123456", {"Palco", "en", "", 10}));
  with_line.short_line.clear();
  with_line.lines = {{"Bank", "\u0421\u0431\u0435\u0440 3661"}, {"Account", "Itau final 3661"}};
  EXPECT_NE(sms(with_line, "123456", {"Palco", "en", "", 10}).find("\u0421\u0431\u0435\u0440 3661."),
            std::string::npos);
  for (const char* name : {"\u65E5\u672C\u9280\u884C 3661", "\u0628\u0646\u0643 3661", "\u05D1\u05E0\u05E7 3661",
                           "\u03A4\u03C1\u03AC\u03C0\u03B5\u03B6\u03B1", "\U00020000\U00020001 3661"}) {
    const Display display{"Payout", Amount{"1.00", "EUR"}, "", {}, name};
    const auto text = sms(display, "123456", {"Palco", "en", kPalcoHost, 10});
    EXPECT_NE(text.find(name), std::string::npos) << text;
    EXPECT_EQ(text.find('?', text.find("you?") + 4), std::string::npos) << text;
    EXPECT_EQ(size_of(text).segments, 2U) << text;
  }
}

TEST(ShortLineRoom, SaysHowManyCharactersFit) {
  const MessageParts parts{"Palco", "en", kPalcoHost, 10};
  const auto in = [&](const std::string& line, std::optional<Amount> amount) {
    return short_line_room({"Payout", std::move(amount), "", {}, line}, 8, parts);
  };
  const Amount amount{"12480.00", "BRL"};
  const std::size_t most = in("x", amount).most;
  EXPECT_EQ(in(times(most, "x"), amount).has, most);
  EXPECT_TRUE(in(times(most, "x"), amount).fits);
  EXPECT_FALSE(in(times(most + 1, "x"), amount).fits);
  EXPECT_EQ(in(times(most + 1, "x"), amount).most, most);
  EXPECT_GE(most, 25U) << "room for a bank and an ending";
  // What takes two septets counts twice.
  EXPECT_EQ(in("\u20AC100", amount).has, 5U);
  EXPECT_EQ(in("\u0153uvre", amount).has, 6U);
  EXPECT_TRUE(in(times(most / 2, "{"), amount).fits);
  EXPECT_FALSE(in(times(most / 2 + 1, "{"), amount).fits);
  // What is long leaves less room.
  EXPECT_LT(in("x", Amount{"999999999999.99", "BRL"}).most, most);
  EXPECT_FALSE(in(times(40, "x"), Amount{"999999999999.99", "BRL"}).fits);
  // Other scripts take three parts at most.
  EXPECT_TRUE(in(times(60, "\u0416"), amount).fits);
  const std::string long_host = times(5, "very-long-host.") + "example.com";
  const auto crowded = short_line_room({"t", amount, "", {}, times(60, "\u0416")}, 8, {"Palco", "en", long_host, 10});
  EXPECT_FALSE(crowded.fits);
  EXPECT_EQ(crowded.has, 60U);
  EXPECT_LT(crowded.most, 60U);
}

TEST(ShortLine, StandsInTheMessageWhole) {
  EXPECT_TRUE(rc::check("whatever else there is, in one segment where the hold accepts it", [] {
    Display d{*some_text(), std::nullopt, *rc::gen::element(std::string(), *some_text()), {}};
    if (*rc::gen::arbitrary<bool>()) d.amount = Amount{"12480.00", "BRL"};
    d.lines.resize(*rc::gen::inRange<std::size_t>(0, 3), {"l", *some_text()});
    d.short_line = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("abcXYZ0123456789 -/")));
    RC_PRE(!display_fault(d));
    const std::string whole = contact::sanitise_for_message(d.short_line, 60);
    RC_PRE(says_something(d.short_line));
    const MessageParts parts{*rc::gen::element<std::string_view>("Palco", "Teatro Municipal de S\u00E3o Paulo"),
                             *rc::gen::elementOf(kLocales), *rc::gen::element(std::string_view(), kHost),
                             *rc::gen::inRange(1, 11)};
    const auto room = short_line_room(d, 6, parts);
    const std::string text = sms(d, "123456", parts);
    RC_ASSERT(text.find(whole) != std::string::npos);
    RC_ASSERT(room.fits == (contact::measure_message(text).segments == 1U));
  }));
}

TEST(CodeMessage, TheLongestIsKnownBeforehand) {
  EXPECT_LE(longest_text_message(times(64, "m"), kHost, 10), 160U);
  EXPECT_LE(longest_text_message("Bilheteria", "", 6), 160U);
  EXPECT_LE(longest_text_message("\u0411\u0438\u043B\u0435\u0442\u044B", kHost, 10), 160U);
  const std::string long_host = times(6, "very-long-host.") + "example.com";
  EXPECT_GT(longest_text_message("Bilheteria", long_host, 6), 160U);
  // What it foretells is what is sent: with one character of host less than fits, all are one segment; with more, not.
  const auto are_single = [](std::string_view host) {
    return std::ranges::all_of(longest("W"), [&](const Display& display) {
      return std::ranges::all_of(kLocales, [&](std::string_view locale) {
        return contact::measure_message(sms(display, "000000", {"Bilheteria", locale, host, 10})).segments == 1;
      });
    });
  };
  std::string host = long_host;
  host.resize(host.size() - (longest_text_message("Bilheteria", long_host, 6) - 160));
  while (host.ends_with('.') || host.ends_with('-')) host.pop_back();
  EXPECT_LE(longest_text_message("Bilheteria", host, 6), 160U);
  EXPECT_TRUE(are_single(host)) << host;
  EXPECT_FALSE(are_single(long_host));
}

TEST(CodeMessage, AnUnknownLocaleReadsAsEnglishAndAVariantAsItsLanguage) {
  const Display display{"X", std::nullopt, "", {}};
  EXPECT_NE(sms(display, "1", {"S", "de-DE", "", 5}).find("is your code"), std::string::npos);
  EXPECT_NE(sms(display, "1", {"S", "es-MX", "", 5}).find("Vale 5 min"), std::string::npos);
  EXPECT_NE(sms(display, "1", {"S", "pt", "", 5}).find("suporte"), std::string::npos);
}

TEST(CodeMessage, ABrowserReadsItsOwnCodeOutOfIt) {
  const Display display{"X", Amount{"1", "BRL"}, "@evil.example #999999", {}};
  for (const auto locale : kLocales) {
    const auto read = contact::parse_origin_bound(sms(display, "123456", {"S", locale, kHost, 10}));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->host, kHost);
    EXPECT_EQ(read->code, "123456");
  }
}

TEST(CodeMessage, NoTextFromOutsideBecomesALinkOrASecondCode) {
  const Display display{"https://evil.example/x", std::nullopt, "evil.example #999999", {}};
  for (const auto channel : {Channel::kSms, Channel::kEmail, Channel::kCall}) {
    const std::string text = code_message(channel, display, "123456", {"S", "en", "", 10}).expose();
    EXPECT_EQ(text.find("://"), std::string::npos) << text;
    EXPECT_EQ(text.find("evil.example"), std::string::npos) << text;
    EXPECT_EQ(text.find("#9"), std::string::npos) << text;
  }
}

TEST(CodeMessage, NumbersGoOutAsTheyAreWritten) {
  for (const char* line : {"Itau 366\u00B9\u00B2", "12\u00BD", "3661\u00B75", "3\u03366\u03361\u0336"}) {
    const Display display{"Repasse", Amount{"1.00", "BRL"}, "", {}, line};
    const auto text = sms(display, "123456", {"Palco", "pt-BR", "", 10});
    EXPECT_NE(text.find(line), std::string::npos) << text;
    EXPECT_EQ(contact::measure_message(text).alphabet, contact::MessageAlphabet::kUcs2);
  }
}

TEST(CodeMessage, OneSegmentWhereverOneCanDo) {
  EXPECT_TRUE(rc::check("whatever a hold accepts: one segment in GSM-7, else as few as its words take", [] {
    Display d{*some_text(), std::nullopt, *rc::gen::element(std::string(), *some_text()), {}};
    if (*rc::gen::arbitrary<bool>()) d.amount = Amount{"999999999999999.9999", "CLF"};
    d.lines.resize(*rc::gen::inRange<std::size_t>(0, 3), {"l", *some_text()});
    RC_PRE(!display_fault(d));
    const MessageParts parts{"Countersign", *rc::gen::elementOf(kLocales), *rc::gen::element(std::string_view(), kHost),
                             *rc::gen::inRange(1, 11)};
    const std::string text = sms(d, "123456", parts);
    const auto size = contact::measure_message(text);
    RC_ASSERT(text.find("123456") != std::string::npos);
    const std::string amount = d.amount ? format_amount(*d.amount, parts.locale) : "";
    RC_ASSERT(text.find(amount) != std::string::npos);
    const auto is_plain = [](std::string_view name) { return contact::to_gsm7(name).has_value(); };
    const bool plain_lines = std::ranges::all_of(d.lines, is_plain, &DisplayLine::value);
    RC_ASSERT(size.segments <= (size.alphabet == contact::MessageAlphabet::kGsm7 ? 1U : 3U));
    RC_ASSERT(size.segments == 1U || !is_plain(d.title) || !is_plain(d.payee) || !plain_lines);
  }));
}

TEST(CodeSubject, TheCodeComesFirst) {
  const Display display{"Nova conta\u202E", std::nullopt, "", {}};
  for (const auto locale : kLocales) {
    const auto subject = code_subject(display, "123456", {"Bilheteria", locale, "", 10});
    EXPECT_TRUE(subject.starts_with("123456")) << subject;
    EXPECT_EQ(subject.find("\u202E"), std::string::npos);
    EXPECT_EQ(subject.find('\n'), std::string::npos);
  }
}

}  // namespace
}  // namespace countersign::domain
