#include <gtest/gtest.h>

#include "crypto/sealing.h"
#include "store/error.h"
#include "store/repository/ceremonies.h"
#include "store/repository/passkey_material.h"
#include "support/fake_time.h"

// What is stored of passkeys is read as it was written, and nothing else is read.
namespace countersign::store {
namespace {

PasskeyRecord a_record() {
  return {"verify.example.com",
          std::string(32, 'i'),
          std::string("\xa5\x00\x01", 3),
          0xFFFFFFFF,
          true,
          false,
          true,
          std::string(16, '\0'),
          {"internal", ""},
          "packed",
          "basic",
          true};
}

TEST(PasskeyMaterial, IsReadAsItWasWritten) {
  const PasskeyOffer offer{"verify.example.com", std::string(32, 'c'), true};
  const auto read_offer = decode_passkey_offer(encode(offer));
  ASSERT_TRUE(read_offer);
  EXPECT_EQ(read_offer->challenge, offer.challenge);
  EXPECT_TRUE(read_offer->user_verification);
  EXPECT_FALSE(decode_passkey_record(encode(offer))) << "the other form";

  const PasskeyRecord record = a_record();
  const auto read = decode_passkey_record(encode(record));
  ASSERT_TRUE(read);
  EXPECT_EQ(encode(*read), encode(record));
  EXPECT_EQ(read->sign_count, 0xFFFFFFFF);
  EXPECT_EQ(read->transports, record.transports);
  EXPECT_TRUE(read->user_verified && !read->backup_eligible && read->backed_up && read->attestation_trusted);
  EXPECT_FALSE(decode_passkey_offer(encode(record)));
}

TEST(PasskeyMaterial, NothingElseIsRead) {
  const std::string good = encode(a_record());
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_THROW((void)decode_passkey_record(good.substr(0, size)), StoreFailure) << size;
  EXPECT_THROW((void)decode_passkey_record(good + 'x'), StoreFailure);
  EXPECT_THROW((void)decode_passkey_record("\x02" + good.substr(1)), StoreFailure);
  EXPECT_THROW((void)decode_passkey_record("\x01z"), StoreFailure);
}

TEST(Ceremonies, AreReadAsTheyWereWrittenInTheirRowAlone) {
  testing::SeededRandom random;
  const auto keyring =
      crypto::Keyring::make({{1, SecretString(std::string(32, 's'))}}, 1, SecretString(std::string(32, 'l'))).value();
  const crypto::Sealer sealer(keyring);
  const crypto::Digester digester(keyring);
  const Vault vault(sealer, digester);
  TransactionRow row;
  row.state.id = TransactionId{Id::from_bytes(std::string(16, 'T')).value()};
  EXPECT_TRUE(open_ceremonies(vault, row).open.empty());
  Ceremonies all;
  all.open = {{std::string(32, 'a'), from_micros(5), ""}, {std::string(32, 'b'), from_micros(6), std::string(16, 'n')}};
  all.proofs = {{Id::from_bytes(std::string(16, 'F')).value(), "example.com", std::string(32, 's'), "client", "data",
                 std::string("\x30\x00", 2), "key"}};
  all.given = 300;
  all.wrong = 7;
  put_ceremonies(vault, row, all, random);
  const auto read = open_ceremonies(vault, row);
  ASSERT_EQ(read.open.size(), 2U);
  EXPECT_EQ(read.open[1].salt, all.open[1].salt);
  EXPECT_EQ(read.open[1].until, from_micros(6));
  EXPECT_EQ(read.open[1].from, all.open[1].from);
  ASSERT_EQ(read.proofs.size(), 1U);
  EXPECT_EQ(read.proofs[0].source, all.proofs[0].source);
  EXPECT_EQ(read.proofs[0].signature, all.proofs[0].signature);
  EXPECT_EQ(read.proofs[0].public_key, "key");
  EXPECT_EQ(read.given, 300U);
  EXPECT_EQ(read.wrong, 7U);
  row.state.id = TransactionId{Id::from_bytes(std::string(16, 'U')).value()};
  EXPECT_THROW((void)open_ceremonies(vault, row), StoreFailure) << "moved to another row";
}

}  // namespace
}  // namespace countersign::store
