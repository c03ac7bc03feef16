#include "contact/phone_number.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <array>
#include <cctype>

#include "support/vectors.h"

namespace countersign::contact {
namespace {

using countersign::testing::extra_vectors;

/// `+5511987654321 BR mobile`, or the reason.
std::string read_phone(std::string_view typed, std::string_view region = "") {
  const auto number = PhoneNumber::parse(typed, region);
  if (!number) return std::string(to_text(number.error()));
  return std::string(number->text()) + ' ' + std::string(number->region()) + ' ' + std::string(to_text(number->kind()));
}

TEST(BrazilianNumber, TypedInAnyOfTheUsualForms) {
  for (const char* typed :
       {"+5511987654321", "+55 (11) 98765-4321", "+55 11 98765 4321", "+55.11.98765.4321", " +55 11 987654321 ",
        "(+55) 11 98765-4321", "+55 (0) 11 98765-4321", "tel:+55-11-98765-4321", "TEL:+5511987654321",
        "\uFF0B\uFF15\uFF15 \uFF11\uFF11 \uFF19\uFF18\uFF17\uFF16\uFF15\uFF0D\uFF14\uFF13\uFF12\uFF11",
        "+55\u00A011\u00A098765\u20114321"}) {
    EXPECT_EQ(read_phone(typed), "+5511987654321 BR mobile") << typed;
  }
  for (const char* typed : {"(11) 98765-4321", "11 98765 4321", "11987654321", "011 98765-4321", "0 15 11 98765-4321",
                            "5511987654321", "+5511987654321", "00 15 55 11 98765 4321"}) {
    EXPECT_EQ(read_phone(typed, "BR"), "+5511987654321 BR mobile") << typed;
  }
}

TEST(BrazilianNumber, InTheDigitsOfOtherScriptsAndAsItIsPasted) {
  for (const char* typed :
       {"+٥٥ ١١ ٩٨٧٦٥-٤٣٢١", "+۵۵ ۱۱ ۹۸۷۶۵-۴۳۲۱", "+५५ ११ ९८७६५ ४३२१", "+৫৫ ১১ ৯৮৭৬৫ ৪৩২১", "+๕๕ ๑๑ ๙๘๗๖๕ ๔๓๒๑",
        "+55 11 ٩٨٧٦٥ 4321", "\u202A+5511987654321\u202C", "\u202D+55 11 98765\u20114321\u202C",
        "\u2066+5511987654321\u2069", "\u200E+5511987654321\u200F", "\uFEFF+55119\u00AD87654321\u200B",
        "+55\u202F11\u200A98765\u20604321"}) {
    EXPECT_EQ(read_phone(typed), "+5511987654321 BR mobile") << typed;
  }
  // What looks like a digit is none: a letter O, a superscript, a number in a circle.
  for (const char* typed : {"+5511987654O21", "+55119876543²1", "+551198765432①", "+5511987654321\U0001F600"})
    EXPECT_EQ(read_phone(typed), "malformed") << typed;
}

TEST(BrazilianNumber, TheWholeAreaCodeTable) {
  // The 67 codes in use; any other two digits are no area.
  constexpr std::string_view kUsed =
      "11 12 13 14 15 16 17 18 19 21 22 24 27 28 31 32 33 34 35 37 38 41 42 43 44 45 46 47 48 49 51 53 54 55 61 62 63 "
      "64 65 66 "
      "67 68 69 71 73 74 75 77 79 81 82 83 84 85 86 87 88 89 91 92 93 94 95 96 97 98 99";
  int used = 0;
  for (int code = 0; code < 100; ++code) {
    const std::string ddd{static_cast<char>('0' + code / 10), static_cast<char>('0' + code % 10)};
    const bool in_use = kUsed.find(ddd) != std::string_view::npos;
    used += in_use ? 1 : 0;
    EXPECT_EQ(read_phone("+55" + ddd + "987654321"), in_use ? "+55" + ddd + "987654321 BR mobile" : "not_assigned");
    EXPECT_EQ(read_phone("+55" + ddd + "25654321"), in_use ? "+55" + ddd + "25654321 BR fixed_line" : "not_assigned");
  }
  EXPECT_EQ(used, 67);
}

TEST(BrazilianNumber, MobileAndLandlineShapes) {
  EXPECT_EQ(read_phone("(11) 8765-4321", "BR"), "not_assigned") << "the ninth digit is missing";
  EXPECT_EQ(read_phone("(11) 9876-5432", "BR"), "not_assigned") << "the ninth digit is missing";
  EXPECT_EQ(read_phone("+551198765432"), "not_assigned");
  EXPECT_EQ(read_phone("(11) 6765-4321", "BR"), "not_assigned");
  for (const char first : {'2', '3', '4', '5'}) {
    EXPECT_EQ(read_phone(std::string("11 ") + first + "765-4321", "BR"),
              std::string("+5511") + first + "7654321 BR fixed_line");
  }
  EXPECT_EQ(read_phone("+55 11 88765-4321"), "not_assigned") << "eleven digits that do not begin with 9";
  EXPECT_EQ(read_phone("+55 800 123 4567"), "+558001234567 BR toll_free");
  EXPECT_EQ(read_phone("+55 900 123 456"), "+55900123456 BR premium");
  EXPECT_EQ(read_phone("98765-4321", "BR"), "not_assigned") << "no area code";
  EXPECT_EQ(read_phone("+55 11 987"), "too_short");
  EXPECT_EQ(read_phone("+55 11 98765-43210"), "too_long");
}

TEST(PhoneNumber, CountriesWithTheirOwnWays) {
  EXPECT_EQ(read_phone("+1 415 555 2671"), "+14155552671 US fixed_or_mobile");
  EXPECT_EQ(read_phone("(415) 555-2671", "US"), "+14155552671 US fixed_or_mobile");
  EXPECT_EQ(read_phone("1-415-555-2671", "US"), "+14155552671 US fixed_or_mobile");
  EXPECT_EQ(read_phone("011 55 11 98765 4321", "US"), "+5511987654321 BR mobile");
  EXPECT_EQ(read_phone("+1 416 555 2671"), "+14165552671 CA fixed_or_mobile");
  EXPECT_EQ(read_phone("464-1234", "AG"), "+12684641234 AG mobile") << "the area code is left out at home";
  EXPECT_EQ(read_phone("+44 (0)20 7946 0018"), "+442079460018 GB fixed_line");
  EXPECT_EQ(read_phone("020 7946 0018", "GB"), "+442079460018 GB fixed_line");
  EXPECT_EQ(read_phone("+39 06 698 12345"), "+390669812345 VA fixed_line") << "Italy keeps its zero";
  EXPECT_EQ(read_phone("8 (912) 345-67-89", "RU"), "+79123456789 RU mobile");
  EXPECT_EQ(read_phone("+7 701 123 4567"), "+77011234567 KZ mobile");
  EXPECT_EQ(read_phone("011 15-2345-6789", "AR"), "+5491123456789 AR mobile") << "15 inside, 9 outside";
  EXPECT_EQ(read_phone("0211/123456", "DE"), "+49211123456 DE fixed_line");
  EXPECT_EQ(read_phone("06 30 123 4567", "HU"), "+36301234567 HU mobile");
  EXPECT_EQ(read_phone("+800 1234 5678"), "+80012345678  toll_free");
  EXPECT_EQ(read_phone("+881 612 345 678"), "+881612345678  satellite");
  EXPECT_EQ(read_phone("+979 123 456 789"), "+979123456789  premium");
}

TEST(PhoneNumber, RefusesWhatIsNotOneNumber) {
  for (const char* typed : {"+55 11 9987A-5432",
                            "+5511987654321 ext 5",
                            "+5511987654321x5",
                            "+5511987654321;ext=5",
                            "+5511987654321#5",
                            "+5511987654321,5",
                            "+5511987654321 / +5511987654322",
                            "+5511987654321+5511987654322",
                            "++5511987654321",
                            "5511+987654321",
                            "0211/123456/57",
                            "+55\n11987654321",
                            "+5511987654321\r",
                            "+55\t11987654321",
                            "+",
                            "tel:",
                            "()",
                            "1-800-FLOWERS",
                            "+5511987654321\xFF",
                            "tel:tel:+5511987654321"}) {
    EXPECT_EQ(read_phone(typed, "BR"), "malformed") << typed;
  }
  EXPECT_EQ(read_phone(std::string_view("+5511987654321\0", 15)), "malformed");
}

TEST(PhoneNumber, SaysWhy) {
  EXPECT_EQ(read_phone(""), "empty");
  EXPECT_EQ(read_phone("   "), "empty");
  EXPECT_EQ(read_phone("+0123456789"), "unknown_country");
  EXPECT_EQ(read_phone("+999123456789"), "unknown_country");
  EXPECT_EQ(read_phone("11987654321"), "unknown_country") << "no default region";
  EXPECT_EQ(read_phone("11987654321", "XX"), "unknown_country");
  EXPECT_EQ(read_phone("11987654321", "br"), "unknown_country") << "upper case only";
  EXPECT_EQ(read_phone("+1415555"), "too_short");
  EXPECT_EQ(read_phone("+1234567890123456"), "too_long");
  EXPECT_EQ(read_phone("911", "US"), "too_short");
  EXPECT_EQ(read_phone("+1 415 155 2671"), "not_assigned");
  EXPECT_EQ(read_phone("+" + std::string(5000, '5')), "too_long");
  EXPECT_EQ(read_phone("+" + std::string(5000, '5') + "a"), "malformed");
}

TEST(PhoneNumber, NeverPassesFifteenDigits) {
  // Germany's plan has numbers of up to fifteen digits behind its 49.
  EXPECT_EQ(read_phone("+49 30 12345678901"), "+493012345678901 DE fixed_line");
  EXPECT_EQ(read_phone("+49 30 123456789012"), "too_long");
}

TEST(PhoneNumber, KnowsItsParts) {
  const auto number = *PhoneNumber::parse("+5511987654321");
  EXPECT_EQ(number.calling_code(), 55U);
  EXPECT_EQ(number.region(), "BR");
  EXPECT_TRUE(number == *PhoneNumber::parse("(11) 98765-4321", "BR"));
  EXPECT_FALSE(number == *PhoneNumber::parse("(11) 98765-4322", "BR"));
  EXPECT_TRUE(is_phone_region("BR") && is_phone_region("AC") && is_phone_region("ZW"));
  EXPECT_FALSE(is_phone_region("") || is_phone_region("B") || is_phone_region("BRA") || is_phone_region("br"));
  EXPECT_EQ(calling_code_digits("+5511987654321"), 2U);
  EXPECT_EQ(calling_code_digits("+14155552671"), 1U);
  EXPECT_EQ(calling_code_digits("+351123"), 3U);
  EXPECT_EQ(calling_code_digits("+21"), 0U);
  EXPECT_EQ(calling_code_digits("351123"), 0U);
}

// THR-11.
TEST(LineKind, WhatMayBeSentTo) {
  using enum LineKind;
  for (const auto kind : {kMobile, kFixedOrMobile, kVoip}) EXPECT_TRUE(can_receive_sms(kind) && !is_costly(kind));
  for (const auto kind : {kPremium, kSharedCost, kPersonal, kSatellite})
    EXPECT_TRUE(is_costly(kind) && !can_receive_sms(kind));
  for (const auto kind : {kFixedLine, kTollFree, kPager, kUan, kVoicemail})
    EXPECT_FALSE(can_receive_sms(kind) || is_costly(kind));
  EXPECT_EQ(to_text(kSatellite), "satellite");
}

// PHN-1.
TEST(PhoneNumber, CanonicalFormIsReadAsItself) {
  int accepted = 0;
  EXPECT_TRUE(rc::check("whatever was typed", [&] {
    const auto digits = rc::gen::container<std::string>(rc::gen::elementOf(std::string("0123456789")));
    const auto region =
        *rc::gen::elementOf(std::vector<std::string>{"", "BR", "US", "GB", "AR", "DE", "AG", "RU", "IT", "MX"});
    const auto start =
        *rc::gen::elementOf(std::vector<std::string>{"", "+", "+55119", "+5411", "+1", "0", "+44", "+49"});
    for (const auto& rest : *rc::gen::container<std::vector<std::string>>(50, rc::gen::resize(15, digits))) {
      const auto number = PhoneNumber::parse(start + rest, region);
      if (!number) continue;
      ++accepted;
      RC_ASSERT(number->text().size() <= 16U);
      RC_ASSERT(number->text()[0] == '+' && number->text()[1] != '0');
      for (const std::string_view other : {"", "BR", "US"}) {
        const auto again = PhoneNumber::parse(number->text(), other);
        RC_ASSERT(again.has_value());
        RC_ASSERT(again->text() == number->text() && again->kind() == number->kind());
        RC_ASSERT(again->region() == number->region());
      }
    }
  }));
  EXPECT_GT(accepted, 100);
}

LineKind kind_named(std::string_view type) {
  std::string name(type);
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (name == "premium_rate") return LineKind::kPremium;
  if (name == "fixed_line_or_mobile") return LineKind::kFixedOrMobile;
  for (int kind = 0; kind <= static_cast<int>(LineKind::kSatellite); ++kind) {
    if (to_text(static_cast<LineKind>(kind)) == name) return static_cast<LineKind>(kind);
  }
  ADD_FAILURE() << "unknown type " << type;
  return {};
}

/// The text member, or "" for null and absent.
std::string text_or_none(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

TEST(PhoneVectors, TypedForms) {
  const auto vectors = extra_vectors("phone_numbers.json");
  if (!vectors) GTEST_SKIP() << "no third-party vectors here";
  for (const auto& entry : vectors->at("parse").as_array()) {
    const auto& item = entry.as_object();
    const auto number = PhoneNumber::parse(text_or_none(item, "input"), text_or_none(item, "region"));
    ASSERT_EQ(number.has_value(), item.at("valid").as_bool()) << entry;
    if (!number) continue;
    EXPECT_EQ(number->text(), text_or_none(item, "e164"));
    EXPECT_EQ(number->kind(), kind_named(text_or_none(item, "type")));
  }
}

TEST(PhoneVectors, ExamplesOfEveryRegion) {
  const auto vectors = extra_vectors("phone_numbers.json");
  if (!vectors) GTEST_SKIP() << "no third-party vectors here";
  int ran = 0;
  int differ = 0;
  for (const auto& entry : vectors->at("examples").as_array()) {
    const auto& item = entry.as_object();
    const auto e164 = text_or_none(item, "e164");
    const auto type = text_or_none(item, "type");
    for (const char* form : {"e164", "international", "national"}) {
      const auto number = PhoneNumber::parse(text_or_none(item, form), text_or_none(item, "region"));
      const bool is_same = number && number->text() == e164 && number->kind() == kind_named(type);
      if (!is_same)
        std::cout << "differs: " << entry << ' ' << form << ": "
                  << read_phone(text_or_none(item, form), text_or_none(item, "region")) << '\n';
      differ += is_same ? 0 : 1;
      ++ran;
    }
  }
  std::cout << ran - differ << " of " << ran << " example forms agree\n";
  EXPECT_LE(differ * 100, ran) << "more than one in a hundred differs";
}

}  // namespace
}  // namespace countersign::contact
