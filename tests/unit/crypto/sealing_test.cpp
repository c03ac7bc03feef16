#include "crypto/sealing.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <atomic>
#include <thread>

#include "base/encoding.h"
#include "support/fake_time.h"

namespace countersign::crypto {
namespace {

constexpr Place kPlace{"contacts", "row-1", "address"};

Keyring ring(std::initializer_list<std::pair<std::uint32_t, char>> keys, std::uint32_t current) {
  std::vector<KeyringEntry> entries;
  for (const auto& [id, fill] : keys) entries.push_back({id, SecretString(std::string(32, fill))});
  return Keyring::make(std::move(entries), current, SecretString(std::string(32, 'l'))).value();
}

class Sealing : public ::testing::Test {
 protected:
  testing::SeededRandom random_;
  Sealer sealer_{ring({{1, 'a'}}, 1)};
};

RC_GTEST_FIXTURE_PROP(Sealing, OpensToWhatWasSealed,
                      (const std::string& plain, const std::string& table, const std::string& row,
                       const std::string& column)) {
  const Place place{table, row, column};
  const std::string sealed = sealer_.seal(plain, place, random_);
  RC_ASSERT(sealed.size() == plain.size() + kSealOverhead);
  RC_ASSERT(sealer_.open(sealed, place).value().expose() == plain);
}

TEST_F(Sealing, HidesTheTextAndIsNewEachTime) {
  const std::string first = sealer_.seal("+15551234567", kPlace, random_);
  EXPECT_EQ(first.find("+1555"), std::string::npos);
  EXPECT_NE(first, sealer_.seal("+15551234567", kPlace, random_));
}

TEST_F(Sealing, EveryByteIsProtected) {
  const std::string sealed = sealer_.seal("a payload", kPlace, random_);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = sealed;
      changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
      const auto opened = sealer_.open(changed, kPlace);
      ASSERT_FALSE(opened) << "byte " << i;
      const OpenError expected = i == 0 ? OpenError::kMalformed : i < 5 ? OpenError::kUnknownKey : OpenError::kForged;
      EXPECT_EQ(opened.error(), expected) << "byte " << i;
    }
  }
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_FALSE(sealer_.open(std::string_view(sealed).substr(0, size), kPlace)) << size;
  }
  EXPECT_FALSE(sealer_.open(sealed + "x", kPlace));
}

TEST_F(Sealing, OpensNowhereElse) {
  const std::string sealed = sealer_.seal("a payload", kPlace, random_);
  EXPECT_EQ(sealer_.open(sealed, {"factors", "row-1", "address"}).error(), OpenError::kForged);
  EXPECT_EQ(sealer_.open(sealed, {"contacts", "row-2", "address"}).error(), OpenError::kForged);
  EXPECT_EQ(sealer_.open(sealed, {"contacts", "row-1", "label"}).error(), OpenError::kForged);
  // The same letters, cut elsewhere.
  EXPECT_EQ(sealer_.open(sealed, {"contact", "srow-1", "address"}).error(), OpenError::kForged);
  EXPECT_EQ(sealer_.open(sealed, {"contacts", "row-1address", ""}).error(), OpenError::kForged);
}

TEST_F(Sealing, ChangedKeyIdIsForgedEvenWhenThatKeyExists) {
  const Sealer both(ring({{1, 'a'}, {2, 'b'}}, 1));
  std::string sealed = both.seal("a payload", kPlace, random_);
  sealed[4] = 2;
  EXPECT_EQ(both.open(sealed, kPlace).error(), OpenError::kForged);
}

TEST_F(Sealing, RotationKeepsOldValuesReadable) {
  const std::string old = sealer_.seal("old", kPlace, random_);
  const Sealer rotated(ring({{1, 'a'}, {0x01020304, 'b'}}, 0x01020304));
  const std::string fresh = rotated.seal("new", kPlace, random_);
  EXPECT_EQ(key_id_of(old), 1U);
  EXPECT_EQ(key_id_of(fresh), 0x01020304U);
  EXPECT_EQ(rotated.current_key_id(), 0x01020304U);
  EXPECT_EQ(fresh.substr(0, 5), std::string("\x01\x01\x02\x03\x04", 5));
  EXPECT_EQ(rotated.open(old, kPlace).value().expose(), "old");
  EXPECT_EQ(rotated.open(fresh, kPlace).value().expose(), "new");
  EXPECT_EQ(sealer_.open(fresh, kPlace).error(), OpenError::kUnknownKey);
  const Sealer wrong(ring({{1, 'z'}}, 1));
  EXPECT_EQ(wrong.open(old, kPlace).error(), OpenError::kForged);
}

// Computed by another implementation of HKDF, XAES-256-GCM and the form in sealing.h: what databases hold must open.
TEST_F(Sealing, OpensTheWrittenForm) {
  const std::string sealed = *from_hex(
      "0100000001"
      "4142434445464748494a4b4c4d4e4f505152535455565758"
      "4cb2c9f71dfd0744cc8b5b37"
      "2e1767bb64a594325b9493b1557fddd1");
  const auto opened = sealer_.open(sealed, kPlace);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->expose(), "+15551234567");
}

TEST_F(Sealing, KeyIdOfMalformedIsNothing) {
  EXPECT_EQ(key_id_of(""), std::nullopt);
  EXPECT_EQ(key_id_of(std::string(kSealOverhead - 1, '\x01')), std::nullopt);
  EXPECT_EQ(key_id_of(std::string(kSealOverhead, '\x02')), std::nullopt);
}

TEST_F(Sealing, ThreadsShareASealer) {
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      testing::SeededRandom random(static_cast<std::uint64_t>(t) + 1);
      for (int i = 0; i < 500; ++i) {
        const std::string plain = std::to_string(t * 1000 + i);
        const auto opened = sealer_.open(sealer_.seal(plain, kPlace, random), kPlace);
        if (!opened || opened->expose() != plain) ++wrong;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST_F(Sealing, DataKeySealsThePayloadAndTravelsWrapped) {
  constexpr Place kPayload{"transactions", "tx", "payload"};
  constexpr Place kKey{"transactions", "tx", "data_key"};
  const DataKey key = DataKey::make(random_);
  const std::string payload = key.seal("the payload", kPayload, random_);
  const std::string wrapped = key.wrap(sealer_, kKey, random_);
  EXPECT_EQ(key_id_of(payload), 0U);
  EXPECT_EQ(key_id_of(wrapped), 1U);

  const auto unwrapped = DataKey::unwrap(sealer_, wrapped, kKey);
  ASSERT_TRUE(unwrapped);
  EXPECT_EQ(unwrapped->open(payload, kPayload).value().expose(), "the payload");
  EXPECT_EQ(unwrapped->open(payload, kKey).error(), OpenError::kForged);
  EXPECT_EQ(DataKey::make(random_).open(payload, kPayload).error(), OpenError::kForged);
  EXPECT_EQ(DataKey::unwrap(sealer_, wrapped, kPayload).error(), OpenError::kForged);
  EXPECT_EQ(sealer_.open(payload, kPayload).error(), OpenError::kUnknownKey);
  EXPECT_EQ(unwrapped->open(wrapped, kKey).error(), OpenError::kUnknownKey);
  EXPECT_EQ(DataKey::unwrap(sealer_, sealer_.seal("short", kKey, random_), kKey).error(), OpenError::kMalformed);
}

TEST_F(Sealing, KeysAreReplacedWhileItIsUsed) {
  const std::string old = sealer_.seal("a payload", kPlace, random_);
  const auto both = ring({{1, 'a'}, {2, 'b'}}, 1);
  sealer_.replace(both);
  EXPECT_EQ(key_id_of(sealer_.seal("a payload", kPlace, random_)), 1U) << "known, and not current";
  EXPECT_EQ(sealer_.open(Sealer(ring({{2, 'b'}}, 2)).seal("of another node", kPlace, random_), kPlace)->expose(),
            "of another node");
  sealer_.replace(ring({{1, 'a'}, {2, 'b'}}, 2));
  EXPECT_EQ(key_id_of(sealer_.seal("a payload", kPlace, random_)), 2U);
  EXPECT_EQ(sealer_.open(old, kPlace)->expose(), "a payload");
  sealer_.replace(ring({{2, 'b'}}, 2));
  EXPECT_EQ(sealer_.open(old, kPlace).error(), OpenError::kUnknownKey);
}

TEST_F(Sealing, NobodyWhoSealsMeanwhileNoticesTheChange) {
  std::atomic<bool> over = false;
  std::atomic<int> wrong = 0;
  std::vector<std::thread> users;
  for (std::uint64_t user = 0; user < 4; ++user) {
    users.emplace_back([&, user] {
      testing::SeededRandom random(user + 7);
      while (!over) {
        const std::string sealed = sealer_.seal("a payload", kPlace, random);
        const auto opened = sealer_.open(sealed, kPlace);
        if (!opened || opened->expose() != "a payload") ++wrong;
      }
    });
  }
  for (std::uint32_t round = 0; round < 200; ++round) sealer_.replace(ring({{1, 'a'}, {2, 'b'}}, 1 + round % 2));
  over = true;
  for (auto& user : users) user.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace countersign::crypto
