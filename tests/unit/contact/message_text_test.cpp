#include "contact/message_text.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/text.h"

namespace countersign::contact {
namespace {

std::string times(std::size_t count, std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

void expect_size(std::string_view text, MessageAlphabet alphabet, std::size_t units, std::size_t segments) {
  const auto size = measure_message(text);
  EXPECT_EQ(size.alphabet, alphabet) << text;
  EXPECT_EQ(size.units, units) << text;
  EXPECT_EQ(size.segments, segments) << text;
}

TEST(Gsm7, KnowsItsAlphabet) {
  EXPECT_TRUE(is_gsm7(""));
  EXPECT_TRUE(is_gsm7("Codigo 123456 @ R$ 12.480,00 _!?\n"));
  EXPECT_TRUE(is_gsm7("\u00E9\u00E0\u00F1\u00FC\u00C7\u00A3\u03A9"));
  EXPECT_TRUE(is_gsm7("^{}\\[~]|\u20AC"));
  for (const char* text : {"\u00E3", "\u00F5", "\u00E1", "\u00ED", "\u00F3", "\u00FA", "\u00E2", "\u00EA", "\u00F4",
                           "\u00E7", "`", "\t", "\u00A0", "\u2019", "\xC3", "\U0001F600"}) {
    EXPECT_FALSE(is_gsm7(text)) << text;
  }
}

TEST(MeasureMessage, CountsAsOperatorsBill) {
  using enum MessageAlphabet;
  expect_size("", kGsm7, 0, 1);
  expect_size(times(160, "a"), kGsm7, 160, 1);
  expect_size(times(161, "a"), kGsm7, 161, 2);
  expect_size(times(306, "a"), kGsm7, 306, 2);
  expect_size(times(307, "a"), kGsm7, 307, 3);
  expect_size(times(80, "\u20AC"), kGsm7, 160, 1);
  expect_size(times(81, "\u20AC"), kGsm7, 162, 2);
  // 152 and an escaped character: it moves to the next segment whole.
  expect_size(times(152, "a") + "\u20AC" + times(152, "a"), kGsm7, 306, 3);
  expect_size(times(70, "\u00E3"), kUcs2, 70, 1);
  expect_size(times(71, "\u00E3"), kUcs2, 71, 2);
  expect_size(times(134, "\u00E3"), kUcs2, 134, 2);
  expect_size(times(35, "\U0001F600"), kUcs2, 70, 1);
  expect_size(times(66, "\u00E3") + "\U0001F600" + times(66, "\u00E3"), kUcs2, 134, 3);
  expect_size("\xFF", kUcs2, 1, 1);
}

TEST(ToGsm7, FindsTheNearestLetter) {
  EXPECT_EQ(
      to_gsm7(
          "Confirma\u00E7\u00E3o de transa\u00E7\u00E3o, S\u00E3o Jo\u00E3o, tr\u00EAs av\u00F4s, p\u00E1ra-ra\u00ED"),
      "Confirmacao de transacao, Sao Joao, tres avos, para-rai");
  EXPECT_EQ(to_gsm7("\u00E9 \u00E0 \u00F1 \u00FC \u00C7"), "\u00E9 \u00E0 \u00F1 \u00FC \u00C7");
  EXPECT_EQ(to_gsm7("R$\u00A012.480,00"), "R$ 12.480,00");
  EXPECT_EQ(to_gsm7("\u201CPalco\u201D \u2018x\u2019 \u2013 \u2014 \u2026"), "\"Palco\" 'x' - - ...");
  EXPECT_EQ(to_gsm7("a\u0303o"), "ao") << "combining mark";
  EXPECT_EQ(to_gsm7("\u0141\u00F3d\u017A \u0152uvre \u00DEor \u0131 \u0178"), "Lodz OEuvre Thor i Y");
  EXPECT_EQ(to_gsm7("1\u00BA andar, 2\u00AA via"), "1o andar, 2a via");
  EXPECT_EQ(to_gsm7("a\u200Bb\uFEFFc"), "abc");
  EXPECT_EQ(to_gsm7("bad \xC3( \xED\xA0\x80"), "bad ?( ???");
}

TEST(ToGsm7, LatinLettersOfManyLanguagesLoseTheirMarksOrFindAnEquivalent) {
  EXPECT_EQ(to_gsm7("Nguy\u1EC5n Th\u1ECB Minh Tr\u1ECDng"), "Nguyen Thi Minh Trong") << "Vietnamese";
  EXPECT_EQ(to_gsm7("Nguye\u0302\u0303n"), "Nguyen") << "the same, decomposed";
  EXPECT_EQ(to_gsm7("\u0218tefan \u021Aepe\u0219"), "Stefan Tepes") << "Romanian";
  EXPECT_EQ(to_gsm7("\u018Fliyev \u0259"), "Eliyev e") << "Azerbaijani";
  EXPECT_EQ(to_gsm7("\u0110\u01CA \u0111or\u0111e"), "DNJ dorde") << "South Slavic";
  EXPECT_EQ(to_gsm7("\u01CD\u01CE \u01DC"), "Aa u") << "Pinyin";
  EXPECT_EQ(to_gsm7("S\u00F8ren Stra\u00DFe \u1E9E \u00E6\u00C5"), "S\u00F8ren Stra\u00DFe SS \u00E6\u00C5");
  EXPECT_EQ(to_gsm7("\uFF29\uFF34 \uFB01rma \u2460"), std::nullopt) << "a number in a circle";
  EXPECT_EQ(to_gsm7("\uFF29\uFF34\uFF01 \uFB01rma \uFF13"), "IT! firma 3");
  EXPECT_EQ(to_gsm7("\u0391\u0398\u0397\u039D\u0391 \u038C\u039C\u0399\u039B\u039F\u03A3"),
            "A\u0398HNA OMI\u039BO\u03A3")
      << "Greek capitals";
}

TEST(ToGsm7, OtherScriptsHaveNoLikeness) {
  for (const char* text : {"\u0418\u0432\u0430\u043D", "\u03B1\u03B8\u03AE\u03BD\u03B1",
                           "\u0645\u0631\u062D\u0628\u0627", "\u05E9\u05DC\u05D5\u05DD", "\u65E5\u672C", "\uD55C\uAD6D",
                           "\u0928\u092E", "\u0E44\u0E17\u0E22", "\U00020000", "\u20BD"}) {
    EXPECT_EQ(to_gsm7(text), std::nullopt) << text;
    EXPECT_EQ(to_gsm7(std::string("Casa ") + text), std::nullopt) << text;
  }
}

TEST(ToGsm7, PicturesVanishUnlessThereIsNothingElse) {
  EXPECT_EQ(to_gsm7("Festa \U0001F389 do Samba \u2764\uFE0F"), "Festa do Samba");
  EXPECT_EQ(to_gsm7("\U0001F389 Festa"), "Festa");
  EXPECT_EQ(to_gsm7("Festa \U0001F389, domingo"), "Festa, domingo");
  EXPECT_EQ(to_gsm7("T\u00EDtulo \u2713"), "Titulo");
  EXPECT_EQ(to_gsm7("\U0001F389 \U0001F389"), std::nullopt);
  EXPECT_EQ(to_gsm7("\U0001F389\U0001F389\u2026"), std::nullopt);
}

TEST(ToGsm7, NoNumberReadsAsAnotherOne) {
  for (const char* text : {"Itau 366\u00B9\u00B2", "12\u00BD", "12\u00BC", "x\u2082", "10\u2074", "3661\u00B75",
                           "3661\u00B85", "3\u03366\u0336", "Itau \u03366", "3\u20DD", "36\u030461", "36\u00B661",
                           "36\U0001F38961", "Conta \u2778\u277B", "\U0001F51F", "\U0001F102", "36\u01BC", "3\u01BB"}) {
    EXPECT_EQ(to_gsm7(text), std::nullopt) << text;
  }
  EXPECT_EQ(to_gsm7("36 \U0001F389 61"), "36 61");
  EXPECT_EQ(to_gsm7("36 \U0001F38961"), "36 61");
  EXPECT_EQ(to_gsm7("36\U0001F389 61"), "36 61");
  EXPECT_EQ(to_gsm7("Sala 3\u00B7B, S\u00E3o Jo\u0303ao 3"), "Sala 3.B, Sao Joao 3");
}

TEST(ToGsm7, EveryLatinLetterHasALikeness) {
  const auto expect_likeness = [](char32_t first, char32_t end) {
    for (char32_t c = first; c < end; ++c) {
      if (c >= 0x1BB && c <= 0x1BD) continue;  // They look like digits.
      const std::string text =
          c < 0x800 ? std::string{static_cast<char>(0xC0 | c >> 6), static_cast<char>(0x80 | (c & 0x3F))}
                    : std::string{static_cast<char>(0xE0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 0x3F)),
                                  static_cast<char>(0x80 | (c & 0x3F))};
      const auto plain = to_gsm7(text);
      ASSERT_TRUE(plain) << text;
      EXPECT_TRUE(is_gsm7(*plain)) << text;
      EXPECT_EQ(plain->find_first_of("? "), std::string::npos) << text;
      EXPECT_FALSE(plain->empty()) << text;
    }
  };
  expect_likeness(0xC0, 0x250);
  expect_likeness(0x1E00, 0x1F00);
}

TEST(ToGsm7, AlwaysGivesGsm7AndLeavesItAlone) {
  EXPECT_TRUE(rc::check("any bytes", [](const std::string& bytes) {
    const auto once = to_gsm7(bytes);
    RC_PRE(once.has_value());
    RC_ASSERT(is_gsm7(*once));
    RC_ASSERT(to_gsm7(*once) == once);
  }));
}

// SMS-4.
TEST(IsPlain, SaysWhatNothingIsChangedIn) {
  for (const char* text : {"", "a", "Casa do Samba Ltda", "R$ 12,00 (2x) ^{}\\[~]|@/-_!?"})
    EXPECT_TRUE(is_plain(text)) << text;
  for (const char* text : {" ", " a", "a ", "a  b", "a\tb", "a\nb", "a.b", "a:b", "#1", "`", "\x7F", "\u00E9", "\xFF"})
    EXPECT_FALSE(is_plain(text)) << text;
}

TEST(IsPlain, HoldsForAnyText) {
  EXPECT_TRUE(rc::check("nothing changes a plain text", [] {
    const auto text = *rc::gen::container<std::string>(rc::gen::weightedOneOf<char>(
        {{40, rc::gen::inRange<char>(0x21, 0x7F)}, {8, rc::gen::just(' ')}, {1, rc::gen::arbitrary<char>()}}));
    RC_CLASSIFY(is_plain(text));
    if (!is_plain(text)) return;
    RC_ASSERT(visible_text(text) == text);
    RC_ASSERT(to_gsm7(text) == text);
    RC_ASSERT(without_links(text) == text);
    RC_ASSERT(sanitise_for_message(text, text.size()) == text);
  }));
}

TEST(Sanitise, KeepsOneLineOfVisibleText) {
  EXPECT_EQ(sanitise_for_message("Padaria S\u00E3o Jo\u00E3o", 40), "Padaria S\u00E3o Jo\u00E3o");
  EXPECT_EQ(sanitise_for_message("Palco\r\n\r\n@evil.example #999999", 60), "Palco @evil. example 999999");
  EXPECT_EQ(sanitise_for_message("a\u2028b\u2029c\u0085d\te  f ", 40), "a b c d e f");
  EXPECT_EQ(sanitise_for_message("a\x01\x7F\u202Eb\u2066c\u200Fd\u200Be\U000E0041", 40), "abcde");
  EXPECT_EQ(sanitise_for_message("bad\xC3(", 40), "bad?(");
  EXPECT_EQ(sanitise_for_message("", 40), "");
}

TEST(Sanitise, LeavesNothingThatAPhoneMakesALinkOf) {
  EXPECT_EQ(sanitise_for_message("see https://evil.example/x", 60), "see https evil. example/x");
  EXPECT_EQ(sanitise_for_message("evil\u3002example evil\uFF0Eexample", 60), "evil. example evil. example");
  EXPECT_EQ(sanitise_for_message("ev\u200Bil.exa\u200Bmple", 60), "evil. example");
  EXPECT_EQ(sanitise_for_message("evil.\u00EAxample", 60), "evil. \u00EAxample");
  EXPECT_EQ(sanitise_for_message("evil.#example", 60), "evil. example");
  EXPECT_EQ(sanitise_for_message("\uFF45vil\uFF0Eexample \uFF03123456 a\uFF1A\uFF0F\uFF0Fb", 60),
            "evil. example 123456 a b");
  EXPECT_EQ(sanitise_for_message("R$ 12.480,00 on 22.11.2026, no. 7.", 60), "R$ 12.480,00 on 22.11.2026, no. 7.");
  EXPECT_EQ(sanitise_for_message("# 7 ##1 C#", 60), "# 7 1 C#");
}

TEST(Sanitise, TakesAddressesOfMachinesApart) {
  EXPECT_EQ(sanitise_for_message("see 185.220.101.7/x", 60), "see 185. 220. 101. 7/x");
  EXPECT_EQ(sanitise_for_message("\uFF11.2\u30023.45678", 60), "1. 2. 3. 45678");
  EXPECT_EQ(sanitise_for_message(".9.999.1.2.3.4", 60), ". 9. 999. 1. 2. 3. 4");
  for (const char* text :
       {"R$ 12.480.000.000,00", "123.456.789-09", "12.345.678/0001-35", "1.2.3", "1.2..3.4", "300.1.2.3"})
    EXPECT_EQ(sanitise_for_message(text, 60), text);
}

TEST(Sanitise, LeavesAloneWhatCannotBeALink) {
  for (const char* text : {"C6 Bank S.A. 3661", "S.A", "J.P. Morgan", "CNPJ 12.ABC.345/01DE-35", "12.A1C.D45/01DE-35",
                           "\u9280\u884C\u3002"}) {
    EXPECT_EQ(sanitise_for_message(text, 60), text);
  }
  EXPECT_EQ(sanitise_for_message("ana@banco.com.br", 60), "ana@banco. com. br");
  EXPECT_EQ(sanitise_for_message("evil.c#om evil.s-a", 60), "evil. com evil. s-a");
  EXPECT_EQ(sanitise_for_message("T1.COM.345/01DE-35", 60), "T1. COM.345/01DE-35");
  EXPECT_EQ(sanitise_for_message("12.345.COM/01DE-35", 60), "12.345. COM/01DE-35");
  EXPECT_EQ(sanitise_for_message("X12.ABC.345/01DE-35", 60), "X12. ABC.345/01DE-35");
  EXPECT_EQ(sanitise_for_message("12.ABC.345/01DE-35.com", 60), "12.ABC.345/01DE-35. com");
}

TEST(Sanitise, KeepsTheJoinersThatWordsAreWrittenWith) {
  for (const char* text : {"\u0639\u0644\u06CC\u200C\u0631\u0636\u0627", "\u0DC1\u0DCA\u200D\u0DBB\u0DD3"})
    EXPECT_EQ(sanitise_for_message(text, 40), text);
  EXPECT_EQ(sanitise_for_message("ev\u200Cil.\u200Dexample", 40), "evil. example");
  EXPECT_EQ(sanitise_for_message("evil\u3002\u200Dexample", 40), "evil. example");
}

TEST(Sanitise, CutsAtTheGivenLength) {
  EXPECT_EQ(sanitise_for_message("abcdef", 6), "abcdef");
  EXPECT_EQ(sanitise_for_message("abcdefg", 6), "abcde\u2026");
  EXPECT_EQ(sanitise_for_message("\u00E3\u00E3\u00E3\u00E3", 3), "\u00E3\u00E3\u2026");
  EXPECT_EQ(sanitise_for_message("abc", 0), "");
}

TEST(HasLetterOrDigit, MarksSignsAndBlanksAreNone) {
  for (const char* text : {"", " ", ".", "\u0301", "\u00B6", "\u2800", "\u2014", "\u3000", "\U0001F389", "\u2605",
                           "\u200B", "\u064B", "\uE000", "?!#"})
    EXPECT_FALSE(has_letter_or_digit(text)) << text;
  for (const char* text :
       {"a", "7", "\u00E9", "\u0416", "\u65E5", "\u0663", "\u00B2", "\u2460", "\u2778", "\U00020000"})
    EXPECT_TRUE(has_letter_or_digit(text)) << text;
}

TEST(Sanitise, HoldsForAnyText) {
  EXPECT_TRUE(rc::check("one line, valid UTF-8, no link", [] {
    const auto text = *rc::gen::container<std::string>(rc::gen::weightedOneOf<char>(
        {{3, rc::gen::elementOf(std::string("ab1.:/#@ \n\r\t"))}, {1, rc::gen::arbitrary<char>()}}));
    const auto clean = sanitise_for_message(text, 50);
    RC_ASSERT(is_utf8(clean));
    RC_ASSERT(utf8_length(clean) <= 50U);
    for (const char c : clean) RC_ASSERT(static_cast<unsigned char>(c) >= 0x20);
    RC_ASSERT(clean.find("://") == std::string::npos);
    for (std::size_t i = 0; i + 1 < clean.size(); ++i) {
      const auto is_letter = [&](std::size_t at) { return at < clean.size() && clean[at] >= 'a' && clean[at] <= 'z'; };
      RC_ASSERT(!(clean[i] == '.' && is_letter(i + 1) && is_letter(i + 2)));
      RC_ASSERT(!(clean[i] == '#' && clean[i + 1] >= '0' && clean[i + 1] <= '9'));
    }
  }));
}

}  // namespace
}  // namespace countersign::contact
