#include "main/config/keys.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "main/config/keys_file.h"
#include "main/config/sources.h"
#include "support/fake_time.h"
#include "unit/main/workplace.h"

namespace countersign::main {
namespace {

TEST(Keys, ListingNamesStatesAndShowsNoKey) {
  const Workplace place;
  place.write_secrets();
  testing::SeededRandom random(7);
  auto file = KeysFile::read(place.dir() / kSecretsName);
  ASSERT_TRUE(file->add_seal_key(random) && file->add_signing_key(random) && file->use_next_signing_key() &&
              file->add_signing_key(random) && file->write());
  const auto secrets = load_secrets(place.production(kGoodConfig));
  ASSERT_TRUE(secrets) << secrets.error().sentence;
  const auto text = list_keys(*secrets);
  for (const auto* line : {"sealing 1 ", "current: seals", "sealing 2 ", "known: opens", "look-up ",
                           "cannot be changed", "(EdDSA)  current: signs", "next: published", "retired: published"})
    EXPECT_NE(text.find(line), std::string::npos) << line << " in\n" << text;
  for (const auto& entry : secrets->seal_keys) EXPECT_EQ(text.find(to_base64(entry.key.expose())), std::string::npos);
  EXPECT_EQ(text.find("BEGIN"), std::string::npos);
  EXPECT_EQ(name_keys(*secrets).find("sealing keys 1, 2, new data under 1; receipts signed by "), 0U);
}

TEST(Keys, FurtherSigningKeysAreChecked) {
  const Workplace place;
  place.write_secrets();
  const auto good = place.read(kSecretsName);
  const auto secrets = load_secrets(place.production(kGoodConfig));
  const auto signing = signing_keys_of(*secrets);
  const auto with = [&](std::string_view key, std::string_view value) {
    place.write(kSecretsName,
                replaced(good, "[secrets.seal_keys]",
                         std::string(key) + " = \"\"\"\n" + std::string(value) + "\"\"\"\n[secrets.seal_keys]"));
    return sentence_of(place.production(kGoodConfig));
  };
  testing::SeededRandom random(9);
  const auto other = crypto::SigningKey::generate(crypto::JwsAlgorithm::kEs256, random);
  const std::string secret(other.to_pkcs8_pem().expose());
  const std::string own(secrets->signing_key.expose());
  EXPECT_EQ(with("next_signing_key", secret), "");
  EXPECT_EQ(with("retired_signing_keys", other.public_key().to_pem()), "");
  EXPECT_NE(with("next_signing_key", "nonsense\n").find("must be an Ed25519 or P-256 private key"), std::string::npos);
  EXPECT_NE(with("next_signing_key", own).find("is the key that signs already"), std::string::npos);
  EXPECT_NE(with("retired_signing_keys", secret).find("public keys in PEM"), std::string::npos);
  EXPECT_NE(with("retired_signing_keys", signing.current.public_key().to_pem()).find("is in use"), std::string::npos);
  const auto twice = other.public_key().to_pem() + other.public_key().to_pem();
  EXPECT_NE(with("retired_signing_keys", twice).find("twice"), std::string::npos);
}

}  // namespace
}  // namespace countersign::main
