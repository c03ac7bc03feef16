// Where keys come from, who may read them, and what is said when they are missing.

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "main/config/init.h"
#include "support/fake_time.h"
#include "unit/main/workplace.h"

namespace countersign::main {
namespace {

TEST(Secrets, MustBeThereInProduction) {
  const Workplace place;
  const auto file = (place.dir() / "countersign.secrets.toml").string();
  EXPECT_EQ(sentence_of(place.production("public_url = \"https://verify.example.com\"\n")),
            "countersign.toml: secrets.seal_keys is missing: " + file +
                " is not there, and COUNTERSIGN_SEAL_KEY is not set; put back the one that the database was written "
                "under (`countersign init` makes keys for a new installation alone).");
}

// Who has lost keys must not be led to make others: no others open the database.
TEST(Secrets, AMissingKeyIsNamedWithTheFileThatShouldHoldIt) {
  const Workplace place;
  place.write_secrets();
  const auto file = place.write("countersign.secrets.toml",
                                replaced(place.read("countersign.secrets.toml"), "lookup_key =", "# lookup_key ="));
  const auto sentence = sentence_of(place.production(kGoodConfig));
  EXPECT_NE(sentence.find("secrets.lookup_key is missing: " + file.string() +
                          " does not hold it, and COUNTERSIGN_LOOKUP_KEY is not set; put back"),
            std::string::npos)
      << sentence;
}

TEST(Secrets, DevelopmentMakesNoFreshKeysBesideADatabase) {
  const Workplace place;
  const auto sources = place.development();
  testing::SeededRandom random;
  ASSERT_TRUE(prepare_development(sources, random));
  place.write("countersign.db", "written under these keys");
  ASSERT_TRUE(prepare_development(sources, random));
  std::filesystem::remove(place.dir() / "countersign.secrets.toml");
  const auto again = prepare_development(sources, random);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().sentence, (place.dir() / "countersign.secrets.toml").string() + " is missing, and " +
                                        (place.dir() / "countersign.db").string() +
                                        " was written under its keys; put it back, or remove the database as well.");
  EXPECT_FALSE(std::filesystem::exists(place.dir() / "countersign.secrets.toml"));
}

TEST(Secrets, MustNotBeReadableByOthers) {
  const Workplace place;
  place.write_secrets();
  const auto path = place.dir() / "countersign.secrets.toml";
  for (const auto mode : {0644U, 0660U, 0604U, 0622U}) {
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    EXPECT_NE(sentence_of(place.production(kGoodConfig)).find("can be read by others (mode 06"), std::string::npos);
  }
  ASSERT_EQ(::chmod(path.c_str(), 0644), 0);
  EXPECT_EQ(sentence_of(place.production(kGoodConfig)),
            path.string() + " can be read by others (mode 0644); run: chmod 600 " + path.string() + ".");
  ASSERT_EQ(::chmod(path.c_str(), 0400), 0);
  EXPECT_EQ(sentence_of(place.production(kGoodConfig)), "");
}

// As Kubernetes mounts a secret for a group, and as distributions hand configuration to a service.
TEST(Secrets, RootMayLetOurOwnGroupRead) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can make a file of root";
  const Workplace place;
  place.write_secrets();
  const auto path = place.dir() / "countersign.secrets.toml";
  ASSERT_EQ(::chown(path.c_str(), 0, ::getegid()), 0);
  for (const auto mode : {0440U, 0640U}) {
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    EXPECT_EQ(sentence_of(place.production(kGoodConfig)), "");
  }
  ASSERT_EQ(::chown(path.c_str(), 0, 54321), 0);
  EXPECT_EQ(sentence_of(place.production(kGoodConfig)), "") << "the server's group, which root need not be of";
  for (const auto mode : {0644U, 0660U, 0604U}) {
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    EXPECT_NE(sentence_of(place.production(kGoodConfig)).find("can be read by others"), std::string::npos);
  }
}

TEST(Secrets, MustBelongToUsOrRoot) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  const Workplace place;
  place.write_secrets();
  const auto path = place.dir() / "countersign.secrets.toml";
  ASSERT_EQ(::chown(path.c_str(), 12345, 12345), 0);
  EXPECT_EQ(sentence_of(place.production(kGoodConfig)),
            path.string() + " belongs to user 12345; make its owner the user that runs the server, or root.");
}

TEST(Secrets, KeysHaveThirtyTwoBytes) {
  const Workplace place;
  place.write_secrets();
  auto text = place.read("countersign.secrets.toml");
  const auto at = text.rfind("1 = \"");
  const auto short_key = text.substr(0, at) + "1 = \"AAAAAAAAAAAAAAAAAAAAAA==\"\n";
  place.write("countersign.secrets.toml", short_key);
  EXPECT_EQ(sentence_of(place.production(kGoodConfig)),
            "countersign.secrets.toml:21: secrets.seal_keys.1 must be 32 bytes in base64, but is 16 bytes; put back "
            "the one that the database was written under.");
  place.write("countersign.secrets.toml", text.substr(0, at) + "1 = \"not base64 but secret\"\n");
  const auto sentence = sentence_of(place.production(kGoodConfig));
  EXPECT_EQ(sentence,
            "countersign.secrets.toml:21: secrets.seal_keys.1 must be 32 bytes in base64; put back the one that "
            "the database was written under.");
}

TEST(Secrets, CurrentKeyMustExist) {
  const Workplace place;
  place.write_secrets();
  place.write("countersign.secrets.toml",
              replaced(place.read("countersign.secrets.toml"), "current_seal_key = 1", "current_seal_key = 2"));
  EXPECT_EQ(sentence_of(place.production(kGoodConfig)),
            "countersign.secrets.toml:5: secrets.current_seal_key is 2, but secrets.seal_keys has no such key.");
}

TEST(Secrets, NeverShowInTheSummary) {
  const Workplace place;
  place.write_secrets();
  const auto config = load_config(place.production(kGoodConfig));
  ASSERT_TRUE(config);
  const auto text = summary(*config, "store.db");
  EXPECT_NE(text.find("sms       hook (HTTP hook), restricted"), std::string::npos) << text;
  EXPECT_EQ(text.find("whsec_"), std::string::npos);
}

}  // namespace
}  // namespace countersign::main
