#include "domain/notice_text.h"

#include <gtest/gtest.h>

#include "contact/message_text.h"
#include "some.h"

namespace countersign::domain {
namespace {

using contact::Channel;

constexpr std::array kAllAbouts{NoticeAbout::kAdded,    NoticeAbout::kVouched, NoticeAbout::kWaitsAnew,
                                NoticeAbout::kReplaced, NoticeAbout::kLost,    NoticeAbout::kRemoved,
                                NoticeAbout::kErasure,  NoticeAbout::kWoken,   NoticeAbout::kCodeUsed,
                                NoticeAbout::kLeaving,  NoticeAbout::kRenamed};
constexpr std::array kAllKinds{Kind::kPhone,   Kind::kEmail,  Kind::kAuthenticator,
                               Kind::kPasskey, Kind::kDevice, Kind::kRecovery};
constexpr std::string_view kMaskedPhone = "+55 \u2022\u2022\u2022\u2022\u2022\u2022\u20224321";
constexpr std::string_view kSupport = "o suporte: 0800 123 4567";

template <class Check>
void for_all_notices(Check check) {
  for (const std::string_view locale : {"pt-BR", "en", "es"}) {
    for (const auto about : kAllAbouts) {
      for (const auto kind : kAllKinds) {
        SCOPED_TRACE(std::string(locale) + " " + std::string(to_text(about)));
        check(NoticeParts{"Bilheteria", locale, about, kind, kMaskedPhone, kSupport});
      }
    }
  }
}

TEST(NoticeText, SaysWhoWritesWhatChangedAndWhomToContact) {
  EXPECT_EQ(
      notice_text(Channel::kEmail, {"Bilheteria", "pt-BR", NoticeAbout::kAdded, Kind::kAuthenticator, "", kSupport}),
      "Bilheteria: um novo aplicativo autenticador foi adicionado \u00E0 sua conta. N\u00E3o foi voc\u00EA? Fale "
      "com o suporte: 0800 123 4567.");
  EXPECT_EQ(notice_text(Channel::kSms, {"Box Office", "en", NoticeAbout::kLost, Kind::kPhone, kMaskedPhone, "0800 1"}),
            "Box Office: the phone (+55 *******4321) was reported lost. Not you? Contact 0800 1.");
  EXPECT_EQ(notice_text(Channel::kEmail, {"Taquilla", "es", NoticeAbout::kRemoved, Kind::kPasskey, "", "0800 1"}),
            "Taquilla: la llave de acceso fue eliminada. \u00BFNo fuiste t\u00FA? Contacta con 0800 1.");
  EXPECT_EQ(notice_text(Channel::kSms, {"Box Office", "en", NoticeAbout::kWoken, Kind::kAuthenticator, "", "0800 1"}),
            "Box Office: support unlocked the authenticator app of your account. Not you? Contact 0800 1.");
  EXPECT_EQ(notice_text(Channel::kSms, {"Palco", "pt-BR", NoticeAbout::kCodeUsed, Kind::kRecovery, "", "0800 1", 7}),
            "Palco: um codigo de recuperacao da sua conta foi usado (sobram 7). Nao foi voce? Fale com 0800 1.");
  for_all_notices([](const NoticeParts& parts) {
    for (const auto channel : {Channel::kSms, Channel::kEmail, Channel::kWhatsapp, Channel::kCall}) {
      const std::string text = notice_text(channel, parts);
      EXPECT_TRUE(text.starts_with("Bilheteria: ")) << text;
      EXPECT_NE(text.find(kSupport), std::string::npos) << text;
      EXPECT_EQ(text.find("://"), std::string::npos) << text;
      EXPECT_EQ(text.find_first_of("{}"), std::string::npos) << text;
    }
  });
}

TEST(NoticeText, ATextMessageIsOneSegmentWhateverTheNames) {
  const std::string longest_support(50, 'W');
  ASSERT_FALSE(objection_fault(longest_support));
  for (const char* character : {"m", "\u00E3", "\u20AC", "{", "\u1EC5", "M. "}) {
    const std::string service = times(64, character);
    for_all_notices([&](NoticeParts parts) {
      for (const std::string_view support : {kSupport, std::string_view(longest_support)}) {
        parts.service_name = service;
        parts.objection = support;
        const std::string text = notice_text(Channel::kSms, parts);
        const auto size = contact::measure_message(text);
        EXPECT_EQ(size.alphabet, contact::MessageAlphabet::kGsm7) << text;
        EXPECT_EQ(size.segments, 1U) << text;
        EXPECT_NE(text.find(support), std::string::npos) << text;
      }
    });
  }
}

TEST(NoticeText, ATextMessageIsPlainOrAsItIsSpelledNeverHalf) {
  NoticeParts parts{"Palco", "pt-BR", NoticeAbout::kAdded, Kind::kPhone, kMaskedPhone, "o suporte"};
  EXPECT_EQ(notice_text(Channel::kSms, parts),
            "Palco: um novo telefone (+55 *******4321) foi adicionado a sua conta. Nao foi voce? Fale com o suporte.");
  parts.locale = "es";
  parts.about = NoticeAbout::kReplaced;
  EXPECT_EQ(notice_text(Channel::kSms, parts),
            "Palco: el telefono (+55 *******4321) fue reemplazado. \u00BFNo fuiste tu? Contacta con o suporte.");
  EXPECT_EQ(objection_code_text(Channel::kSms, {"Palco", "pt-BR", "482913", 10}),
            "Palco: 482913 e o codigo para parar uma mudanca na sua conta. Vale 10 min. Nao passe a ninguem.");
  // A brand in letters that GSM-7 has no likeness of.
  parts = {
      "\u0411\u0438\u043B\u0435\u0442\u044B", "pt-BR", NoticeAbout::kAdded, Kind::kPhone, kMaskedPhone, "o suporte"};
  const std::string text = notice_text(Channel::kSms, parts);
  EXPECT_TRUE(
      text.starts_with("\u0411\u0438\u043B\u0435\u0442\u044B: um novo telefone (+55 *******4321) foi adicionado \u00E0 "
                       "sua conta. N\u00E3o"))
      << text;
  EXPECT_EQ(contact::measure_message(text).segments, 2U);
  EXPECT_TRUE(
      objection_code_text(Channel::kSms, {"\u0411", "pt-BR", "1", 10}).starts_with("\u0411: 1 \u00E9 o c\u00F3digo"));
}

TEST(NoticeText, TheAddressGivesWayBeforeTheName) {
  NoticeParts parts{"Bilheteria do Teatro", "pt-BR", NoticeAbout::kAdded, Kind::kPhone, kMaskedPhone, "0800 123 4567"};
  parts.service_name = "Bilheteria do Teatro Municipal";
  EXPECT_NE(notice_text(Channel::kSms, parts).find("(+55 *******4321)"), std::string::npos);
  const std::string longer_support(50, '0');
  parts.objection = longer_support;
  const std::string text = notice_text(Channel::kSms, parts);
  EXPECT_EQ(text.find("4321"), std::string::npos) << text;
  EXPECT_TRUE(text.starts_with("Bilheteria do Teatro Municipal: ")) << text;
}

TEST(NoticeText, OfSeveralChangesNamesEachOnceWithItsCount) {
  const std::array changes{NoticeChange{NoticeAbout::kAdded, Kind::kPhone, 12},
                           NoticeChange{NoticeAbout::kLost, Kind::kAuthenticator, 1}};
  const auto text = [&](Channel channel, std::string_view locale) {
    return notice_of_changes(
        channel, {.service_name = "Bilheteria", .locale = locale, .masked = {}, .objection = "0800 1"}, changes);
  };
  EXPECT_EQ(text(Channel::kSms, "en"),
            "Bilheteria: a new phone was added to your account (12); the authenticator app was reported lost. Not you? "
            "Contact 0800 1.");
  EXPECT_EQ(
      text(Channel::kEmail, "pt-BR"),
      "Bilheteria: um novo telefone foi adicionado \u00E0 sua conta (12); o aplicativo autenticador foi dado como "
      "perdido. N\u00E3o foi voc\u00EA? Fale com 0800 1.");
  EXPECT_EQ(text(Channel::kEmail, "es"),
            "Bilheteria: se a\u00F1adi\u00F3 un nuevo tel\u00E9fono a tu cuenta (12); la app de autenticaci\u00F3n se "
            "declar\u00F3 perdida. \u00BFNo fuiste t\u00FA? Contacta con 0800 1.");
}

TEST(NoticeText, AnUnknownLocaleReadsAsEnglishAndAVariantAsItsLanguage) {
  const auto in = [](std::string_view locale) {
    return notice_text(Channel::kEmail, {"S", locale, NoticeAbout::kAdded, Kind::kPhone, "", "x"});
  };
  EXPECT_NE(in("de").find("was added"), std::string::npos);
  EXPECT_NE(in("es-MX").find("se a\u00F1adi\u00F3"), std::string::npos);
}

TEST(Objection, IsAShortSentenceWithoutALink) {
  for (const std::string_view good : {"0800 123 4567", "o suporte: suporte@example.com", "the desk (9 to 5)."}) {
    EXPECT_FALSE(objection_fault(good)) << good;
  }
  const std::string too_long(51, 'a');
  for (const std::string_view bad :
       {std::string_view(""), std::string_view("https://example.com/help"), std::string_view("example.com"),
        std::string_view("see www.example.com now"), std::string_view("a\nb"), std::string_view(too_long)}) {
    EXPECT_TRUE(objection_fault(bad)) << bad;
  }
}

}  // namespace
}  // namespace countersign::domain
