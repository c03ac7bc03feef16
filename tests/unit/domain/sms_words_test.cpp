#include "domain/sms_words.h"

#include <gtest/gtest.h>

#include <array>

#include "domain/notice_text.h"

namespace countersign::domain {
namespace {

std::string utf8_of(char32_t c) {
  const auto tail = [&](unsigned shift) { return static_cast<char>(0x80 | (c >> shift & 0x3F)); };
  if (c < 0x80) return {static_cast<char>(c)};
  if (c < 0x800) return {static_cast<char>(0xC0 | c >> 6), tail(0)};
  if (c < 0x10000) return {static_cast<char>(0xE0 | c >> 12), tail(6), tail(0)};
  return {static_cast<char>(0xF0 | c >> 18), tail(12), tail(6), tail(0)};
}

/// What phones and browsers look for in a text: `://`, a dot between a host and a letter, `#` before digits.
bool is_link_or_code(std::string_view sent) {
  if (sent.contains("://") || sent.contains("#9")) return true;
  for (const std::string_view dot : {".", "\u3002", "\uFF0E", "\uFF61"}) {
    if (sent.contains(std::string(dot) + "com")) return true;
  }
  return false;
}

TEST(SpelledName, WhateverStandsBetweenTheirPartsNothingSentIsALinkOrACode) {
  std::size_t in_gsm7 = 0;
  for (char32_t c = 0x20; c <= 0x1FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    const std::string x = utf8_of(c);
    std::string name;
    name.append("evil").append(x).append("com evil.").append(x).append("com :").append(x).append("// :/");
    name.append(x).append("/ #").append(x).append("999");
    const auto plain = spelled_name(name, 200, Spelling::kGsm7);
    in_gsm7 += std::size_t{plain.has_value()};
    const auto as_spelled = spelled_name(name, 200, Spelling::kAsSpelled);
    for (const auto& sent : {plain.value_or(""), as_spelled.value_or("")}) {
      if (is_link_or_code(sent)) {
        ADD_FAILURE() << "U+" << std::hex << static_cast<std::uint32_t>(c) << ": " << sent;
      }
    }
    const std::string objection = std::string("evil").append(x).append("com :").append(x).append("//x");
    NoticeParts parts{"S", "en", NoticeAbout::kErasure, Kind::kPhone, "", objection};
    const std::string notice = c % 16 == 0 || plain ? notice_text(contact::Channel::kSms, parts) : "";
    if (is_link_or_code(notice)) ADD_FAILURE() << "U+" << std::hex << static_cast<std::uint32_t>(c) << ": " << notice;
  }
  EXPECT_GT(in_gsm7, 1000U);
}

TEST(SpelledName, ALikenessBringsNoLinkTogether) {
  const auto plain = [](std::string_view name) { return spelled_name(name, 60, Spelling::kGsm7); };
  EXPECT_EQ(plain("palco\u00B7cc/pix"), "palco. cc/pix");
  EXPECT_EQ(plain("https:\u00B6//evil\u00B7com"), "https evil. com");
  EXPECT_EQ(plain("#\u00B6999999"), "999999");
  EXPECT_EQ(plain("https:\u0301//x"), "https x");
  EXPECT_EQ(plain("https:\U0001F389//x"), "https x");
  EXPECT_EQ(plain("a\u20261.2.3.4"), "a... 1. 2. 3. 4");
}

TEST(SpelledName, ACutIsMadeInWhatIsSent) {
  EXPECT_EQ(spelled_name("\u0153uvre d'art", 8, Spelling::kGsm7), "oeuvre ...");
  EXPECT_EQ(spelled_name("Palco", 4, Spelling::kGsm7), "Palco") << "no longer than Pal...";
  EXPECT_EQ(spelled_name("Palco", 0, Spelling::kGsm7), "");
}

TEST(ObjectionInNotices, MailStaysAndLinksGo) {
  const auto notice = [](std::string_view objection) {
    return notice_text(contact::Channel::kSms, {"S", "en", NoticeAbout::kErasure, Kind::kPhone, "", objection});
  };
  EXPECT_TRUE(notice("help@example.com").ends_with("Contact help@example.com.")) << notice("help@example.com");
  EXPECT_TRUE(notice("palco\u00B7cc").ends_with("Contact palco. cc."));
  EXPECT_TRUE(notice("palco.cc/@x").ends_with("Contact palco. cc/@x."));
}

TEST(StandsUnaltered, NothingOfItWouldBeTakenApart) {
  for (const char* name :
       {"Ita\u00FA final 3661", "C6 Bank S.A. 3661", "CNPJ 12.ABC.345/01DE-35", "Chave 123.456.789-09"})
    EXPECT_TRUE(stands_unaltered(name)) << name;
  for (const char* name : {"Pix ana@banco.com.br", "evil.com", "a://b", "palco\u00B7cc", "10.0.0.1", "Loja #7"})
    EXPECT_FALSE(stands_unaltered(name)) << name;
}

TEST(SaysSomething, InEitherSpelling) {
  for (const char* name : {"", " ", "\u0301", "\u00B6", "\u2800", ".", "\U0001F389"})
    EXPECT_FALSE(says_something(name)) << name;
  for (const char* name : {"3", "\u00E9", "\u2460", "\u0416"}) EXPECT_TRUE(says_something(name)) << name;
}

}  // namespace
}  // namespace countersign::domain
