#include "main/config/init.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "support/fake_time.h"
#include "unit/main/workplace.h"

namespace countersign::main {
namespace {

unsigned mode_of(const std::filesystem::path& path) {
  struct stat status{};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 07777U;
}

TEST(Init, WritesAConfigurationThatLoads) {
  const Workplace place;
  testing::SeededRandom random;
  const auto dir = place.dir() / "etc";
  const auto made = init_production({dir, "https://Verify.Shop.example/"}, random);
  ASSERT_TRUE(made) << made.error().sentence;
  EXPECT_EQ(mode_of(dir), 0700U);
  EXPECT_EQ(mode_of(dir / "countersign.secrets.toml"), 0600U);

  ConfigSources sources;
  sources.config_file = dir / "countersign.toml";
  const auto config = load_config(sources);
  ASSERT_TRUE(config) << config.error().sentence;
  EXPECT_EQ(config->public_url, "https://verify.shop.example");
  EXPECT_EQ(config->services[0].name, "default");
}

TEST(Init, OverwritesNothing) {
  const Workplace place;
  testing::SeededRandom random;
  for (const auto* name : {"countersign.toml", "countersign.secrets.toml"}) {
    const auto path = place.write(name, "mine");
    const auto made = init_production({place.dir(), "https://verify.example.com"}, random);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().sentence, path.string() + " is there already; nothing was written.");
    EXPECT_EQ(place.read(name), "mine");
    std::filesystem::remove(path);
    EXPECT_TRUE(std::filesystem::is_empty(place.dir()));
  }
}

TEST(Init, WantsAnOrigin) {
  const Workplace place;
  testing::SeededRandom random;
  for (const auto* url : {"http://a.example", "a.example", "https://a.example/x", "https://me@a.example", ""}) {
    const auto made = init_production({place.dir(), url}, random);
    ASSERT_FALSE(made) << url;
    EXPECT_EQ(made.error().sentence.find("--public-url must be an https:// origin"), 0U);
  }
  EXPECT_TRUE(std::filesystem::is_empty(place.dir()));
}

TEST(Init, KeysDiffer) {
  testing::SeededRandom random;
  EXPECT_NE(fresh_secrets(random).expose(), fresh_secrets(random).expose());
}

TEST(Development, KeepsItsKeys) {
  const Workplace place;
  testing::SeededRandom random;
  auto sources = place.development();
  sources.flags["data_dir"] = (place.dir() / "data").string();
  ASSERT_TRUE(prepare_development(sources, random));
  EXPECT_EQ(mode_of(place.dir() / "data"), 0700U);
  EXPECT_EQ(mode_of(place.dir() / "data/countersign.secrets.toml"), 0600U);
  const auto before = place.read("data/countersign.secrets.toml");
  ASSERT_TRUE(prepare_development(sources, random));
  EXPECT_EQ(place.read("data/countersign.secrets.toml"), before);
}

TEST(Development, MakesItsKeysInTheDataDirectoryAlsoWithAConfigurationFile) {
  const Workplace place;
  testing::SeededRandom random;
  auto sources = place.development();
  sources.flags["data_dir"] = (place.dir() / "data").string();
  sources.config_file = place.write("countersign.toml", "", 0644);
  ASSERT_TRUE(prepare_development(sources, random));
  EXPECT_FALSE(std::filesystem::exists(place.dir() / "countersign.secrets.toml"));
  const auto made = load_config(sources);
  ASSERT_TRUE(made) << made.error().sentence;

  // Keys that somebody has put beside the configuration file win, and none are made.
  std::filesystem::remove_all(place.dir() / "data");
  place.write_secrets();
  ASSERT_TRUE(prepare_development(sources, random));
  EXPECT_FALSE(std::filesystem::exists(place.dir() / "data/countersign.secrets.toml"));
}

}  // namespace
}  // namespace countersign::main
