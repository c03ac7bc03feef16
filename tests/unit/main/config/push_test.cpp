#include <gtest/gtest.h>

#include "main/config/keys.h"
#include "main/config/keys_file.h"
#include "main/config/parts.h"
#include "main/config/sources.h"
#include "support/fake_time.h"
#include "unit/main/workplace.h"

namespace countersign::main {
namespace {

TEST(PushSubject, ApplesServiceMustBeAbleToReachIt) {
  for (const char* good : {"mailto:ops@countersign.dev", "https://verify.countersign.dev",
                           "https://verify.countersign.dev:8443/contact", "mailto:push+apple@mail.loja.com.br"})
    EXPECT_TRUE(is_push_subject(good)) << good;
  for (const char* bad : {"",
                          "ops@countersign.dev",
                          "mailto:",
                          "mailto:ops",
                          "mailto:ops@localhost",
                          "mailto: ops@countersign.dev",
                          "mailto:ops@countersign.dev ",
                          "mailto:ops@example.com",
                          "mailto:ops@mail.example.org",
                          "mailto:ops@shop.local",
                          "mailto:ops@shop.internal",
                          "mailto:ops@shop.test",
                          "http://countersign.dev",
                          "https://localhost",
                          "https://127.0.0.1",
                          "https://[::1]",
                          "https://example.com",
                          "https://shop.example",
                          "https://shop",
                          "https://user@countersign.dev",
                          "ftp://countersign.dev",
                          "mailto:ops@countersign.invalid"})
    EXPECT_FALSE(is_push_subject(bad)) << bad;
}

class PushConfigTest : public ::testing::Test {
 protected:
  void SetUp() override { place_.write_secrets(); }
  [[nodiscard]] std::string sentence(std::string_view before, std::string_view in_service) const {
    std::string text = std::string(kGoodConfig) + std::string(before);
    text = replaced(std::move(text), "[[services]]\n", "[[services]]\n" + std::string(in_service) + "\n");
    return sentence_of(place_.production(text));
  }
  Workplace place_;
  testing::SeededRandom random_{8};
};

constexpr std::string_view kPage = "push_page = \"https://app.countersign.dev/approve\"";
constexpr std::string_view kSubject = "[push]\nsubject = \"mailto:ops@countersign.dev\"\n";

TEST_F(PushConfigTest, WhatIsNotUsedNeedsNoSubject) {
  EXPECT_EQ(sentence_of(place_.production(kGoodConfig)), "") << "its public URL is an example";
}

TEST_F(PushConfigTest, ASubjectThatCannotBeReachedStopsTheStart) {
  const auto unset = sentence("", kPage);
  EXPECT_NE(unset.find("push_page needs push.subject, which must be a mailbox or page of yours"), std::string::npos)
      << unset;
  const auto bad = sentence("[push]\nsubject = \"mailto:ops@localhost\"\n", kPage);
  EXPECT_NE(bad.find("push.subject must be a mailbox or page of yours"), std::string::npos) << bad;
  EXPECT_NE(bad.find("Apple refuses messages of \"mailto:ops@localhost\""), std::string::npos) << bad;
}

TEST_F(PushConfigTest, WithoutAPageOfTheApplicationTheHostedOneIsOpenedWhereItCanWork) {
  const auto shown = [&](std::string text) {
    text = replaced(std::move(text), "any_of = [\"sms\", \"totp\"]", "any_of = [\"push\", \"sms\"]");
    const auto config = load_config(place_.production(text));
    EXPECT_TRUE(config) << config.error().sentence;
    return config ? std::pair(config->services.front().push_on_pages, summary(*config, "x")) : std::pair(false, "");
  };
  const auto [plain, why] = shown(std::string(kGoodConfig));
  EXPECT_FALSE(plain) << "its public URL is an example, so nothing can be sent";
  EXPECT_NE(why.find("push      only phones with the mobile SDKs; beside another kind in payout"), std::string::npos);
  EXPECT_NE(why.find("browsers need [push] subject"), std::string::npos) << why;
  const auto [hosted, told] = shown(std::string(kGoodConfig) + std::string(kSubject));
  EXPECT_TRUE(hosted);
  EXPECT_NE(told.find("push      devices are enrolled and asked on the hosted pages; alone in payout"),
            std::string::npos)
      << told;
  const auto in_service = [&](std::string_view line) {
    return replaced(std::string(kGoodConfig) + std::string(kSubject), "[[services]]\n",
                    "[[services]]\n" + std::string(line) + "\n");
  };
  EXPECT_FALSE(shown(in_service("push_page = \"none\"")).first);
  const auto [own, page] = shown(in_service(kPage));
  EXPECT_FALSE(own);
  EXPECT_NE(page.find("devices open https://app.countersign.dev/approve; alone in payout"), std::string::npos) << page;
}

TEST_F(PushConfigTest, PagesAndHostsAreJudged) {
  EXPECT_NE(sentence(kSubject, "push_page = \"http://app.countersign.dev/\"").find("push_page must be an https URL"),
            std::string::npos);
  EXPECT_NE(sentence(kSubject, "push_page = \"https://app.countersign.dev/#here\"").find("without a fragment"),
            std::string::npos);
  const std::string site = "https://app.countersign.dev/";
  const auto page = [&](std::size_t size) {
    return "push_page = \"" + site + std::string(size - site.size(), 'p') + "\"";
  };
  EXPECT_EQ(sentence(kSubject, page(200)), "");
  EXPECT_NE(sentence(kSubject, page(201)).find("push_page must have at most 200 characters"), std::string::npos);
  EXPECT_NE(sentence("[push]\nhosts = [\"https://fcm.googleapis.com\"]\n", "").find("push.hosts must be a host"),
            std::string::npos);
}

TEST_F(PushConfigTest, AKeyGoesThroughItsStates) {
  const auto path = place_.dir() / kSecretsName;
  const auto secrets = [&] { return load_secrets(place_.production(kGoodConfig)).value(); };
  const auto change = [&](auto what) {
    auto file = KeysFile::read(path).value();
    const auto done = what(file);
    EXPECT_TRUE(done) << done.error().sentence;
    EXPECT_TRUE(file.write());
  };
  const std::string first = secrets().push_key.expose();
  ASSERT_FALSE(first.empty()) << "a new installation has one";
  change([&](KeysFile& file) { return file.add_push_key(random_); });
  EXPECT_NE(secrets().push_key.expose(), first);
  EXPECT_EQ(secrets().previous_push_key.expose(), first);
  EXPECT_NE(list_keys(secrets()).find("previous: some are subscribed with it"), std::string::npos);

  auto file = KeysFile::read(path).value();
  EXPECT_FALSE(file.add_push_key(random_)) << "there are two already";
  EXPECT_EQ(file.is_overruled_by(secrets()), std::nullopt);

  change([](KeysFile& one) { return one.drop_previous_push_key(); });
  EXPECT_TRUE(secrets().previous_push_key.expose().empty());
  EXPECT_FALSE(KeysFile::read(path).value().drop_previous_push_key());
  EXPECT_EQ(place_.read(kSecretsName).find("# The keys of this server."), 0U);
}

TEST_F(PushConfigTest, AnOlderFileGetsItsFirstKey) {
  auto text = place_.read(kSecretsName);
  const auto from = text.find("push_key = ");
  const auto to = text.find("\"\"\"\n", text.find("\"\"\"", from) + 3) + 4;
  place_.write(kSecretsName, text.erase(from, to - from));
  const auto sources = place_.production(kGoodConfig);
  EXPECT_TRUE(load_secrets(sources)->push_key.expose().empty());
  EXPECT_NE(sentence(kSubject, kPage).find("`countersign keys add --push` makes one"), std::string::npos);
  auto file = KeysFile::read(place_.dir() / kSecretsName).value();
  ASSERT_TRUE(file.add_push_key(random_));
  ASSERT_TRUE(file.write());
  EXPECT_FALSE(load_secrets(sources)->push_key.expose().empty());
  EXPECT_TRUE(load_secrets(sources)->previous_push_key.expose().empty());
  EXPECT_EQ(sentence(kSubject, kPage), "");
}

}  // namespace
}  // namespace countersign::main
