#include "main/keys.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "main/config_sources.h"
#include "support/fake_time.h"
#include "unit/main/workplace.h"

namespace countersign::app {
namespace {

TEST(Keys, RotationKeepsOldKeysAndComments) {
  const Workplace place;
  place.write_secrets();
  const auto before = load_config(place.production(kGoodConfig));
  ASSERT_TRUE(before);
  testing::SeededRandom random(7);
  const auto first = rotate_seal_key(place.dir() / kSecretsName, random);
  ASSERT_TRUE(first) << first.error().sentence;
  EXPECT_EQ(*first, 2U);
  EXPECT_EQ(*rotate_seal_key(place.dir() / kSecretsName, random), 3U);

  const auto after = load_config(place.production(kGoodConfig));
  ASSERT_TRUE(after) << after.error().sentence;
  EXPECT_EQ(after->secrets.current_seal_key, 3U);
  ASSERT_EQ(after->secrets.seal_keys.size(), 3U);
  EXPECT_EQ(after->secrets.seal_keys[0].key.expose(), before->secrets.seal_keys[0].key.expose());
  EXPECT_NE(after->secrets.seal_keys[1].key.expose(), after->secrets.seal_keys[2].key.expose());
  EXPECT_EQ(after->secrets.lookup_key.expose(), before->secrets.lookup_key.expose());
  EXPECT_EQ(place.read(kSecretsName).find("# The keys of this server."), 0U);
  struct stat status{};
  ASSERT_EQ(::stat((place.dir() / kSecretsName).c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
}

TEST(Keys, RotationRefusesWhatItCannotEdit) {
  const Workplace place;
  testing::SeededRandom random;
  const auto path = place.dir() / kSecretsName;
  for (const std::string_view text :
       {"", "[secrets]\ncurrent_seal_key = 1\n", "[secrets]\ncurrent_seal_key = 1\nseal_keys = { 1 = \"AAAA\" }\n",
        "[secrets.seal_keys]\n1 = \"AAAA\"\n", "[secrets"}) {
    place.write(kSecretsName, text);
    EXPECT_FALSE(rotate_seal_key(path, random)) << text;
    EXPECT_EQ(place.read(kSecretsName), text);
  }
  place.write_secrets();
  ASSERT_EQ(::chmod(path.c_str(), 0644), 0);
  EXPECT_FALSE(rotate_seal_key(path, random));
}

TEST(Keys, ListingShowsNoKey) {
  const Workplace place;
  place.write_secrets();
  const auto config = load_config(place.production(kGoodConfig));
  ASSERT_TRUE(config);
  const auto text = list_keys(config->secrets);
  EXPECT_NE(text.find("sealing 1"), std::string::npos);
  EXPECT_NE(text.find("current"), std::string::npos);
  EXPECT_NE(text.find("(EdDSA)"), std::string::npos);
  const auto file = place.read(kSecretsName);
  const auto key = file.substr(file.rfind("1 = \"") + 5, 44);
  EXPECT_EQ(text.find(key), std::string::npos);
}

TEST(Keys, RotationKeepsOwnerGroupAndModeOfTheFile) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file to another group";
  const Workplace place;
  place.write_secrets();
  const auto path = place.dir() / kSecretsName;
  ASSERT_EQ(::chown(path.c_str(), 0, ::getegid()), 0);
  ASSERT_EQ(::chmod(path.c_str(), 0640), 0);
  testing::SeededRandom random;
  ASSERT_TRUE(rotate_seal_key(path, random));
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0640U);
  EXPECT_EQ(status.st_gid, ::getegid());
}

}  // namespace
}  // namespace countersign::app
