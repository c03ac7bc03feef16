#include <gtest/gtest.h>

#include <filesystem>

#include "main/config/config.h"
#include "unit/main/workplace.h"

namespace countersign::main {
namespace {

/// The good configuration with these lines, or with this table, in its service.
std::string with_service_lines(std::string_view lines) {
  std::string text(kGoodConfig);
  const std::string_view before = "[services.channels]";
  return lines.starts_with('[') ? text.append(lines) : text.insert(text.find(before), lines);
}

class BrandingTest : public ::testing::Test {
 protected:
  BrandingTest() { place_.write_secrets(); }
  BrandingConfig branding(std::string_view lines) {
    const auto config = load_config(place_.production(with_service_lines(lines)));
    EXPECT_TRUE(config) << config.error().sentence;
    return config ? config->services.at(0).branding : BrandingConfig{};
  }
  std::string refusal(std::string_view lines) { return sentence_of(place_.production(with_service_lines(lines))); }

  Workplace place_;
};

TEST_F(BrandingTest, APictureIsWhatItsBytesSay) {
  place_.write("logo.svg", "\x89PNG\r\n\x1a\nrest");
  EXPECT_EQ(branding("[services.branding]\nlogo = \"logo.svg\"\n").logo_type, "image/png");
  place_.write("logo.png", "\xff\xd8\xff\xe0rest");
  EXPECT_EQ(branding("[services.branding]\nlogo = \"logo.png\"\n").logo_type, "image/jpeg");
  place_.write("logo.webp", std::string("RIFF\x10\x00\x00\x00WEBPVP8 ", 16));
  EXPECT_EQ(branding("[services.branding]\nlogo = \"logo.webp\"\n").logo_type, "image/webp");
}

TEST_F(BrandingTest, WhatIsNoPictureIsRefusedAndSvgIsExplained) {
  place_.write("logo.png", "<svg xmlns=\"http://www.w3.org/2000/svg\"><script/></svg>");
  const std::string svg = refusal("[services.branding]\nlogo = \"logo.png\"\n");
  EXPECT_NE(svg.find("SVG is not accepted"), std::string::npos) << svg;
  place_.write("logo.png", "GIF89a");
  EXPECT_NE(refusal("[services.branding]\nlogo = \"logo.png\"\n"), "");
  EXPECT_NE(refusal("[services.branding]\nlogo = \"gone.png\"\n"), "");
  place_.write("logo.png", "\x89PNG\r\n\x1a\n" + std::string(70'000, 'x'));
  const std::string big = refusal("[services.branding]\nlogo = \"logo.png\"\n");
  EXPECT_NE(big.find("a logo may have 64"), std::string::npos) << big;
}

TEST_F(BrandingTest, AnAccentMustBeReadableAndTheSentenceProposesOne) {
  EXPECT_EQ(branding("[services.branding]\naccent = \"#0B5D4E\"\n").accent, "#0b5d4e");
  const std::string pale = refusal("[services.branding]\naccent = \"#ffd400\"\n");
  EXPECT_NE(pale.find("contrast"), std::string::npos) << pale;
  const auto proposal = pale.substr(pale.rfind('#'), 7);
  EXPECT_EQ(branding("[services.branding]\naccent = \"" + proposal + "\"\n").accent, proposal);
  EXPECT_NE(refusal("[services.branding]\naccent = \"green\"\n"), "");
}

TEST_F(BrandingTest, SupportLeadsSomewhereSafe) {
  const auto good =
      branding("[services.branding]\nsupport_url = \"mailto:help@example.com\"\nsupport_contact = \"0800 1\"\n");
  EXPECT_EQ(good.support_url, "mailto:help@example.com");
  EXPECT_EQ(good.support_contact, "0800 1");
  EXPECT_EQ(branding("[services.branding]\nsupport_url = \"tel:+5511987654321\"\n").support_url, "tel:+5511987654321");
  for (const char* bad : {"javascript:alert(1)", "http://example.com/", "help", "https://a b"})
    EXPECT_NE(refusal("[services.branding]\nsupport_url = \"" + std::string(bad) + "\"\n"), "") << bad;
}

TEST_F(BrandingTest, HomeIsAnAddressOfTheWeb) {
  EXPECT_EQ(branding("[services.branding]\nhome_url = \"https://palco.example/\"\n").home_url,
            "https://palco.example/");
  for (const char* bad : {"javascript:alert(1)", "palco.example", "https://", "mailto:a@example.com"})
    EXPECT_NE(refusal("[services.branding]\nhome_url = \"" + std::string(bad) + "\"\n"), "") << bad;
}

TEST_F(BrandingTest, TheClockIsOneOfTheTzDatabase) {
  if (!std::filesystem::exists("/usr/share/zoneinfo/America/Sao_Paulo")) GTEST_SKIP() << "no tz database here";
  const auto config = load_config(place_.production(with_service_lines("time_zone = \"America/Sao_Paulo\"\n")));
  ASSERT_TRUE(config) << config.error().sentence;
  EXPECT_EQ(config->services[0].time_zone.at(*from_rfc3339("2026-11-22T12:00:00Z")).name, "BRT");
  for (const char* bad : {"Mars/Olympus", "../../etc/passwd", "/etc/passwd", ""})
    EXPECT_NE(refusal("time_zone = \"" + std::string(bad) + "\"\n"), "") << bad;
}

TEST_F(BrandingTest, AHostThatWouldDoubleTextMessagesIsRefused) {
  const std::string sentence =
      refusal("origin_host = \"very-long-host.very-long-host.very-long-host.very-long-host.example.com\"\n");
  EXPECT_NE(sentence.find("one holds 160"), std::string::npos) << sentence;
  // The length that it proposes is good, and one more is not.
  const auto at = sentence.find("choose a host of ");
  ASSERT_NE(at, std::string::npos) << sentence;
  const auto length = std::stoul(sentence.substr(at + 17));
  const auto host_of = [](std::size_t size) {
    return std::string(size - 30, 'a') + "." + std::string(25, 'b') + ".com";
  };
  ASSERT_GT(length, 31U);
  EXPECT_EQ(refusal("origin_host = \"" + host_of(length) + "\"\n"), "");
  EXPECT_NE(refusal("origin_host = \"" + host_of(length + 1) + "\"\n"), "");
}

TEST_F(BrandingTest, TheSummarySaysHowMuchRoomAShortLineHas) {
  const auto config = load_config(place_.production(with_service_lines("friendly_name = \"Palco\"\n")));
  ASSERT_TRUE(config) << config.error().sentence;
  const std::string text = summary(*config, "x");
  EXPECT_NE(text.find("texts     a display.short of up to "), std::string::npos) << text;
}

}  // namespace
}  // namespace countersign::main
