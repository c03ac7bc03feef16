#include "domain/message.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "contact/message_text.h"
#include "contact/origin_bound.h"
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
  const Amount amount{"999999999999999.9999", "BRL"};
  const std::string title = times(120, character);
  const std::string payee = times(140, character);
  return {{title, amount, payee, {}},
          {title, std::nullopt, payee, {}},
          {title, std::nullopt, "", {}},
          {title, amount, "", {}}};
}

TEST(CodeMessage, OneSegmentForTheLongestTexts) {
  for (const char* character : {"m", "\u00E3", "\u20AC", "{", "\U0001F600", "M. "}) {
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
            if (display.amount && !display.payee.empty()) {
              EXPECT_NE(text.find(format_amount(*display.amount, locale)), std::string::npos) << text;
            }
          }
        }
      }
    }
  }
}

TEST(CodeMessage, SaysWhatTheCodeIsFor) {
  const Display display{"Nova conta", Amount{"12480.00", "BRL"}, "Casa do Samba", {}};
  EXPECT_EQ(sms(display, "123456", {"Bilheteria", "pt-BR", "", 10}),
            "Bilheteria: 123456 autoriza R$ 12.480,00 para Casa do Samba. Vale 10 min. Nao pediu? Nao informe a "
            "ningu\u00E9m.");
  EXPECT_EQ(sms(display, "123456", {"Box Office", "en", "", 10}),
            "Box Office: 123456 authorises BRL 12,480.00 to Casa do Samba. Valid 10 min. Not you? Do not share it.");
  const Display no_payee{"Delete account", std::nullopt, "", {}};
  EXPECT_EQ(sms(no_payee, "123456", {"Box Office", "en", "", 5}),
            "Box Office: 123456 confirms: Delete account. Valid 5 min. Never share it, even with support.");
}

TEST(CodeMessage, TheLongestIsKnownBeforehand) {
  EXPECT_LE(longest_text_message(times(64, "m"), kHost, 10), 160U);
  EXPECT_LE(longest_text_message("Bilheteria", "", 6), 160U);
  const std::string long_host = times(6, "very-long-host.") + "example.com";
  EXPECT_GT(longest_text_message("Bilheteria", long_host, 6), 160U);
  // What it foretells is what is sent.
  const Display longest{times(120, "W"), Amount{"999999999999999.9999", "USD"}, times(140, "W"), {}};
  std::size_t most = 0;
  for (const auto locale : kLocales)
    most =
        std::max(most, contact::measure_message(sms(longest, "000000", {"Bilheteria", locale, long_host, 10})).units);
  EXPECT_LE(most, longest_text_message("Bilheteria", long_host, 6));
}

TEST(CodeMessage, AnUnknownLocaleReadsAsEnglishAndAVariantAsItsLanguage) {
  const Display display{"X", std::nullopt, "", {}};
  EXPECT_NE(sms(display, "1", {"S", "de-DE", "", 5}).find("confirms"), std::string::npos);
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

TEST(CodeMessage, OneSegmentForAnyTextThatIsAccepted) {
  EXPECT_TRUE(rc::check("whatever a hold accepts fits one segment, with its code in it", [] {
    Display d{*some_text(), std::nullopt, *rc::gen::element(std::string(), *some_text()), {}};
    if (*rc::gen::arbitrary<bool>()) d.amount = Amount{"999999999999999.9999", "BRL"};
    RC_PRE(!display_fault(d));
    const MessageParts parts{"Countersign", *rc::gen::elementOf(kLocales), *rc::gen::element(std::string_view(), kHost),
                             *rc::gen::inRange(1, 11)};
    const std::string text = sms(d, "123456", parts);
    const auto size = contact::measure_message(text);
    RC_ASSERT(size.alphabet == contact::MessageAlphabet::kGsm7);
    RC_ASSERT(size.segments == 1U);
    RC_ASSERT(text.find("123456") != std::string::npos);
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
