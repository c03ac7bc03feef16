#include <gtest/gtest.h>

#include "base/encoding.h"
#include "domain/method.h"
#include "main/config/init.h"
#include "main/config/parts.h"
#include "support/fake_time.h"
#include "unit/main/workplace.h"

// Passkeys of a service: defaults from the public URL, and every mistake in one sentence that mends it.
namespace countersign::main {
namespace {

ConfigSources with(const Workplace& place, std::string_view table, std::string_view public_url = "") {
  place.write_secrets();
  std::string text(kGoodConfig);
  if (!public_url.empty()) text = replaced(text, "https://verify.example.com", public_url);
  return place.production(text + "[services.webauthn]\n" + std::string(table));
}

std::string sentence(std::string_view table) {
  const Workplace place;
  return sentence_of(with(place, table));
}

TEST(ConfigWebauthn, DefaultsComeFromThePublicUrl) {
  const Workplace place;
  const auto config = load_config(with(place, ""));
  ASSERT_TRUE(config) << config.error().sentence;
  const auto& webauthn = config->services.at(0).webauthn;
  ASSERT_TRUE(webauthn);
  EXPECT_EQ(webauthn->rp_id, "verify.example.com");
  EXPECT_EQ(webauthn->origins, std::vector<std::string>{"https://verify.example.com"});
  EXPECT_EQ(webauthn->user_verification, webauthn::UserVerification::kPreferred);
  EXPECT_FALSE(webauthn->strict_counter);
  EXPECT_FALSE(webauthn->trusted_attestation);
  EXPECT_TRUE(offered_by(config->services.at(0)).contains(domain::Method::kWebauthn));
}

TEST(ConfigWebauthn, CheckConfigShowsWhatTheyAreBoundTo) {
  const Workplace place;
  place.write_secrets();
  const auto text = replaced(std::string(kGoodConfig), "any_of = [\"sms\"", "any_of = [\"webauthn\", \"sms\"");
  const auto config = load_config(place.production(text));
  ASSERT_TRUE(config) << config.error().sentence;
  const auto said = summary(*config, "x");
  EXPECT_NE(said.find("passkeys  bound to verify.example.com for good, asked for at https://verify.example.com"),
            std::string::npos)
      << said;
  EXPECT_NE(said.find("; passkeys by presence"), std::string::npos) << said;
}

TEST(ConfigWebauthn, CheckConfigSaysWhyTheHostedPageCannotAsk) {
  const auto said = [](std::string_view table) {
    const Workplace place;
    const auto config = load_config(with(place, table));
    EXPECT_TRUE(config) << config.error().sentence;
    if (!config) return std::string();
    const auto& webauthn = *config->services.at(0).webauthn;
    return page_may_ask(webauthn, config->public_url) ? "it may" : way_to_ask_on_page(webauthn, config->public_url);
  };
  EXPECT_EQ(said(""), "it may");
  EXPECT_EQ(said("rp_id = \"example.com\"\norigins = [\"https://app.example.com\"]"),
            "add https://verify.example.com to services.webauthn.origins");
  EXPECT_EQ(said("rp_id = \"shop.org\"\norigins = [\"https://app.shop.org\"]"),
            "https://verify.example.com is not at shop.org; set public_url to a host there, or add "
            "https://verify.example.com to services.webauthn.related_origins");
  EXPECT_EQ(said("rp_id = \"shop.org\"\norigins = [\"https://app.shop.org\"]\n"
                 "related_origins = [\"https://verify.example.com\"]"),
            "it may");
}

TEST(ConfigWebauthn, APortIsPartOfTheOriginUnlessItGoesWithoutSaying) {
  for (const auto& [url, origin] : {std::pair{"https://verify.example.com:8443", "https://verify.example.com:8443"},
                                    {"https://verify.example.com:443", "https://verify.example.com"}}) {
    const Workplace place;
    const auto config = load_config(with(place, "", url));
    ASSERT_TRUE(config) << config.error().sentence;
    EXPECT_EQ(config->services.at(0).webauthn->origins, std::vector<std::string>{origin});
  }
}

TEST(ConfigWebauthn, AnAddressHasNoPasskeys) {
  const Workplace place;
  const auto config = load_config(with(place, "", "https://192.0.2.7"));
  ASSERT_TRUE(config) << config.error().sentence;
  EXPECT_FALSE(config->services.at(0).webauthn);
  EXPECT_FALSE(offered_by(config->services.at(0)).contains(domain::Method::kWebauthn));
}

TEST(ConfigWebauthn, DevelopmentHasThemAtLocalhost) {
  const Workplace place;
  testing::SeededRandom random;
  ASSERT_TRUE(prepare_development(place.development(), random));
  const auto config = load_config(place.development());
  ASSERT_TRUE(config) << config.error().sentence;
  ASSERT_TRUE(config->services.at(0).webauthn);
  EXPECT_EQ(config->services.at(0).webauthn->rp_id, "localhost");
}

TEST(ConfigWebauthn, TheDomainAboveThePageServesAllItsHosts) {
  const Workplace place;
  const auto config = load_config(with(place, R"(rp_id = "example.com"
origins = ["https://verify.example.com/", "https://APP.example.com:443"]
related_origins = ["https://example.org"]
user_verification = "required"
strict_counter = true
)"));
  ASSERT_TRUE(config) << config.error().sentence;
  const auto& webauthn = *config->services.at(0).webauthn;
  EXPECT_EQ(webauthn.rp_id, "example.com");
  EXPECT_EQ(webauthn.origins, (std::vector<std::string>{"https://verify.example.com", "https://app.example.com"}));
  EXPECT_EQ(webauthn.related_origins, std::vector<std::string>{"https://example.org"});
  EXPECT_EQ(webauthn.user_verification, webauthn::UserVerification::kRequired);
  EXPECT_TRUE(webauthn.strict_counter);
}

TEST(ConfigWebauthn, AnRpIdThatNoBrowserTakesIsRefusedWithTheOneToWrite) {
  struct Case {
    const char* table;
    const char* says;
    const char* remedy;
  };
  for (const auto& [table, says, remedy] : std::vector<Case>{
           {"rp_id = \"192.0.2.7\"", "is an IP address", "Write \"verify.example.com\""},
           {"rp_id = \"com\"", "is a public suffix", "\"example.com\""},
           {"rp_id = \"co.uk\"\norigins = [\"https://shop.co.uk\"]", "is a public suffix", "Write \"shop.co.uk\""},
           {"rp_id = \"github.io\"\norigins = [\"https://us.github.io\"]", "is a public suffix", "us.github.io"},
           {"rp_id = \"b.kawasaki.jp\"\norigins = [\"https://a.b.kawasaki.jp\"]", "is a public suffix",
            "a.b.kawasaki.jp"},
           {"rp_id = \"example.org\"", "neither the host of the pages", "related_origins"},
           {"rp_id = \"ample.com\"", "neither the host of the pages", "Write \"verify.example.com\""},
           {"rp_id = \"https://example.com\"", "without scheme", "Write \"verify.example.com\""},
           {"origins = [\"https://example.org\"]", "neither the host of the pages", "related_origins"}}) {
    const std::string said = sentence(table);
    EXPECT_NE(said.find("services.webauthn."), std::string::npos) << table << ": " << said;
    EXPECT_NE(said.find(says), std::string::npos) << table << ": " << said;
    EXPECT_NE(said.find(remedy), std::string::npos) << table << ": " << said;
  }
  EXPECT_EQ(sentence("rp_id = \"city.kawasaki.jp\"\norigins = [\"https://city.kawasaki.jp\"]"), "") << "an exception";
}

TEST(ConfigWebauthn, OtherMistakesAreNamedToo) {
  EXPECT_NE(sentence("origins = [\"http://verify.example.com\"]").find("must be an https origin"), std::string::npos);
  EXPECT_NE(sentence("origins = []").find("name the pages"), std::string::npos);
  EXPECT_NE(sentence("user_verification = \"always\"").find("required, preferred or discouraged"), std::string::npos);
  EXPECT_NE(sentence("rpid = \"example.com\"").find("is not a known key"), std::string::npos);
  EXPECT_NE(sentence("attestation = \"trusted\"").find("anchors is missing"), std::string::npos);
  EXPECT_NE(sentence("aaguid_deny = [\"2fc0579f-8113-47ea-b116-bb5a8db9202a\"]").find("has no effect"),
            std::string::npos);
  EXPECT_NE(sentence("aaguid_allow = [\"2fc0579f\"]").find("must be an AAGUID"), std::string::npos);
}

constexpr std::string_view kFingerprint =
    "03:0A:11:18:1f:26:2d:34:3b:42:49:50:57:5e:65:6c:73:7a:81:88:8f:96:9d:a4:ab:b2:b9:c0:c7:ce:d5:dc";

TEST(ConfigWebauthn, AppsAnswerByTheHashOfTheirKey) {
  const Workplace place;
  const auto config = load_config(with(place, "android_apps = [\"com.example.app " + std::string(kFingerprint) +
                                                  "\"]\napple_apps = [\"ABCDE12345.com.example.app\"]\n"));
  ASSERT_TRUE(config) << config.error().sentence;
  const auto& webauthn = *config->services.at(0).webauthn;
  ASSERT_EQ(webauthn.android_apps.size(), 1U);
  EXPECT_EQ(webauthn.android_apps[0].package, "com.example.app");
  EXPECT_EQ(origin_of(webauthn.android_apps[0]), "android:apk-key-hash:AwoRGB8mLTQ7QklQV15lbHN6gYiPlp2kq7K5wMfO1dw");
  EXPECT_EQ(webauthn.apple_apps, std::vector<std::string>{"ABCDE12345.com.example.app"});
}

TEST(ConfigWebauthn, WhatElseMayAskIsJudgedToo) {
  const std::string print(kFingerprint);
  for (const auto& [table, says] : std::vector<std::pair<std::string, const char*>>{
           {"android_apps = [\"com.example.app\"]", "must be a package and the SHA-256"},
           {"android_apps = [\"com.example.app 03:0A\"]", "must be a package and the SHA-256"},
           {"android_apps = [\"app " + print + "\"]", "must be a package and the SHA-256"},
           {"android_apps = [\"com..app " + print + "\"]", "must be a package and the SHA-256"},
           {"android_apps = [\"com.example.app " + print.substr(0, 93) + "zz\"]", "must be a package"},
           {"origins = [\"android:apk-key-hash:AwoR\"]", "name the app in android_apps"},
           {"apple_apps = [\"com.example.app\"]", "must be a team and a bundle"},
           {"apple_apps = [\"abcde12345.com.example\"]", "must be a team and a bundle"},
           {"rp_id = \"example.com\"\napple_apps = [\"ABCDE12345.com.example\"]",
            "needs https://example.com in origins"},
           {"rp_id = \"example.com\"\nrelated_origins = [\"https://a.example.com\"]", "list it in origins"},
           {"related_origins = [\"http://example.org\"]", "must be an https origin"},
           {"related_origins = [\"https://a.org\", \"https://b.org\", \"https://c.org\", \"https://d.co.uk\", "
            "\"https://e.org\", \"https://f.org\"]",
            "is of 6 different names, and browsers look at 5"}}) {
    const std::string said = sentence(table);
    EXPECT_NE(said.find(says), std::string::npos) << table << ": " << said;
  }
  EXPECT_EQ(sentence("related_origins = [\"https://a.org\", \"https://b.a.org\", \"https://a.co.uk\", "
                     "\"https://c.org\", \"https://d.org\", \"https://e.org\"]"),
            "")
      << "four names";
}

TEST(ConfigWebauthn, AnchorsAreCertificates) {
  const Workplace place;
  place.write("anchors.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  const auto said = sentence_of(with(place, "attestation = \"trusted\"\nanchors = \"anchors.pem\"\n"));
  EXPECT_NE(said.find("must be certificates in PEM"), std::string::npos) << said;
}

}  // namespace
}  // namespace countersign::main
