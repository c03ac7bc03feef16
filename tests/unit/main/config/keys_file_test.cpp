#include "main/config/keys_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/encoding.h"
#include "crypto/jws_key.h"
#include "main/config/sources.h"
#include "support/fake_time.h"
#include "unit/main/workplace.h"

namespace countersign::main {
namespace {

class KeysFileTest : public ::testing::Test {
 protected:
  void SetUp() override { place_.write_secrets(); }

  [[nodiscard]] std::filesystem::path path() const { return place_.dir() / kSecretsName; }
  [[nodiscard]] std::string text() const { return place_.read(kSecretsName); }
  [[nodiscard]] SecretsConfig secrets() const {
    const auto loaded = load_secrets(place_.production(kGoodConfig));
    EXPECT_TRUE(loaded) << loaded.error().sentence;
    return loaded.value_or(SecretsConfig{});
  }
  /// What `change` answers, after what it changed was written.
  template <class Change>
  auto changed(Change change) {
    auto file = KeysFile::read(path());
    EXPECT_TRUE(file) << file.error().sentence;
    auto answer = change(*file);
    EXPECT_TRUE(answer) << answer.error().sentence;
    EXPECT_TRUE(file->write());
    return answer;
  }
  std::uint32_t add() {
    return *changed([&](KeysFile& file) { return file.add_seal_key(random_); });
  }

  Workplace place_;
  testing::SeededRandom random_{7};
};

TEST_F(KeysFileTest, ASealingKeyGoesThroughItsStates) {
  const auto before = secrets();
  EXPECT_EQ(add(), 2U);
  EXPECT_EQ(add(), 3U);
  auto now = secrets();
  EXPECT_EQ(now.current_seal_key, 1U) << "known, and not current";
  ASSERT_EQ(now.seal_keys.size(), 3U);
  EXPECT_EQ(now.seal_keys[0].key.expose(), before.seal_keys[0].key.expose());
  EXPECT_NE(now.seal_keys[1].key.expose(), now.seal_keys[2].key.expose());

  ASSERT_TRUE(changed([](KeysFile& file) { return file.use_seal_key(3); }));
  ASSERT_TRUE(changed([](KeysFile& file) { return file.drop_seal_key(1); }));
  now = secrets();
  EXPECT_EQ(now.current_seal_key, 3U);
  ASSERT_EQ(now.seal_keys.size(), 2U);
  EXPECT_EQ(now.seal_keys[0].id, 2U);
  EXPECT_EQ(now.lookup_key.expose(), before.lookup_key.expose());
  EXPECT_EQ(now.signing_key.expose(), before.signing_key.expose());
  EXPECT_EQ(text().find("# The keys of this server."), 0U);
  EXPECT_NE(text().find("[providers.hook]\nsecret"), std::string::npos);
}

TEST_F(KeysFileTest, ASigningKeyGoesThroughItsStates) {
  const auto kid_of = [](const SecretString& pem) { return crypto::SigningKey::from_pkcs8_pem(pem.expose())->kid(); };
  const auto first = kid_of(secrets().signing_key);
  std::vector<std::string> retired;
  for (std::string before = first; retired.size() < 3;) {
    const auto kid = *changed([&](KeysFile& file) { return file.add_signing_key(random_); });
    EXPECT_EQ(kid_of(secrets().signing_key), before);
    EXPECT_EQ(kid_of(secrets().next_signing_key), kid);
    auto again = KeysFile::read(path());
    EXPECT_FALSE(again->add_signing_key(random_)) << "one at a time";
    ASSERT_TRUE(changed([](KeysFile& file) { return file.use_next_signing_key(); }));
    EXPECT_EQ(kid_of(secrets().signing_key), kid);
    EXPECT_EQ(secrets().next_signing_key.expose(), "");
    retired.push_back(before);
    const auto published = crypto::public_keys_from_pem(secrets().retired_signing_keys);
    ASSERT_TRUE(published);
    ASSERT_EQ(published->size(), retired.size());
    for (std::size_t i = 0; i < retired.size(); ++i) EXPECT_EQ((*published)[i].kid(), retired[i]);
    std::size_t private_keys = 0;
    const std::string now = text();
    for (auto at = now.find("BEGIN PRIVATE KEY"); at != std::string::npos; at = now.find("BEGIN PRIVATE KEY", at + 1))
      ++private_keys;
    EXPECT_EQ(private_keys, 2U) << "that of pushes, and not the private half of the old one";
    before = kid;
  }
  auto file = KeysFile::read(path());
  EXPECT_FALSE(file->use_next_signing_key()) << "there is none";
}

// As tests and people write it who have one key alone.
TEST_F(KeysFileTest, TheOnlyKeyIsNamedOnceThereAreTwo) {
  const auto full = text();
  place_.write(kSecretsName, replaced(full, "current_seal_key = 1\n", ""));
  EXPECT_EQ(secrets().current_seal_key, 1U);
  EXPECT_EQ(add(), 2U);
  EXPECT_EQ(secrets().current_seal_key, 1U);
}

TEST_F(KeysFileTest, WhatItCannotEditStaysAsItIs) {
  for (const std::string_view bad :
       {"", "[secrets]\ncurrent_seal_key = 1\n", "[secrets]\ncurrent_seal_key = 1\nseal_keys = { 1 = \"AAAA\" }\n",
        "[secrets.seal_keys]\n1 = \"AAAA\"\n", "[secrets",
        "[secrets]\ncurrent_seal_key = 1\nseal_keys.1 = \"AAAA\"\n"}) {
    place_.write(kSecretsName, bad);
    auto file = KeysFile::read(path());
    ASSERT_TRUE(file);
    EXPECT_FALSE(file->add_seal_key(random_)) << bad;
    EXPECT_FALSE(file->add_signing_key(random_)) << bad;
    EXPECT_FALSE(file->use_next_signing_key()) << bad;
    ASSERT_TRUE(file->write());
    EXPECT_EQ(text(), bad);
  }
  place_.write_secrets();
  ASSERT_EQ(::chmod(path().c_str(), 0644), 0);
  EXPECT_FALSE(KeysFile::read(path()));
}

TEST_F(KeysFileTest, IsReplacedWithOwnerGroupAndModeKept) {
  const auto mode = [&] {
    struct stat status{};
    EXPECT_EQ(::stat(path().c_str(), &status), 0);
    return status.st_mode & 07777U;
  };
  add();
  EXPECT_EQ(mode(), 0600U);
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file to another group";
  ASSERT_EQ(::chown(path().c_str(), 0, ::getegid()), 0);
  ASSERT_EQ(::chmod(path().c_str(), 0640), 0);
  add();
  EXPECT_EQ(mode(), 0640U);
}

TEST_F(KeysFileTest, KnowsWhatIsOverruled) {
  const auto file = KeysFile::read(path());
  EXPECT_EQ(file->is_overruled_by(secrets()), std::nullopt);
  auto sources = place_.production(kGoodConfig);
  sources.environment["COUNTERSIGN_SEAL_KEY"] = "1:" + to_base64(std::string(32, 'x'));
  EXPECT_EQ(file->is_overruled_by(*load_secrets(sources)), "secrets.seal_keys.1");
  sources.environment["COUNTERSIGN_SEAL_KEY"] = "2:" + to_base64(std::string(32, 'x'));
  EXPECT_EQ(file->is_overruled_by(*load_secrets(sources)), "secrets.seal_keys.2");
}

}  // namespace
}  // namespace countersign::main
