#include "crypto/keyring.h"

#include <gtest/gtest.h>

#include <set>

namespace countersign::crypto {
namespace {

SecretString key(char fill, std::size_t size = 32) { return SecretString(std::string(size, fill)); }

std::vector<KeyringEntry> entries(std::initializer_list<std::pair<std::uint32_t, char>> list) {
  std::vector<KeyringEntry> out;
  for (const auto& [id, fill] : list) out.push_back({id, key(fill)});
  return out;
}

TEST(Keyring, RefusesWhatCannotBeMeant) {
  const auto error = [](std::vector<KeyringEntry> list, std::uint32_t current, SecretString lookup) {
    return Keyring::make(std::move(list), current, std::move(lookup)).error();
  };
  EXPECT_EQ(error({}, 1, key('l')), KeyringError::kCurrentMissing);
  EXPECT_EQ(error(entries({{1, 'a'}}), 2, key('l')), KeyringError::kCurrentMissing);
  EXPECT_EQ(error(entries({{0, 'a'}}), 0, key('l')), KeyringError::kBadId);
  EXPECT_EQ(error(entries({{1, 'a'}, {1, 'b'}}), 1, key('l')), KeyringError::kBadId);
  EXPECT_EQ(error(entries({{1, 'a'}, {2, 'a'}}), 1, key('l')), KeyringError::kSameKeyTwice);
  EXPECT_EQ(error(entries({{1, 'a'}}), 1, key('a')), KeyringError::kSameKeyTwice);
  EXPECT_EQ(error(entries({{1, 'a'}}), 1, key('l', 31)), KeyringError::kKeyLength);
  std::vector<KeyringEntry> longer;
  longer.push_back({1, key('a', 33)});
  EXPECT_EQ(error(std::move(longer), 1, key('l')), KeyringError::kKeyLength);
}

TEST(Keyring, ChecksTellKeysApartAndStayTheSame) {
  const auto one = Keyring::make(entries({{7, 'a'}, {3, 'b'}}), 7, key('l')).value();
  const auto other = Keyring::make(entries({{7, 'x'}, {3, 'b'}}), 3, key('m')).value();
  EXPECT_EQ(one.ids(), (std::vector<std::uint32_t>{3, 7}));
  EXPECT_EQ(one.current_id(), 7U);
  EXPECT_NE(one.check_value(7), other.check_value(7));
  EXPECT_EQ(one.check_value(3), other.check_value(3));
  EXPECT_NE(one.lookup_check_value(), other.lookup_check_value());
  EXPECT_EQ(one.check_value(4), std::nullopt);
  // Written down in databases: a change of derivation must show here.
  EXPECT_EQ(one.check_value(7), "809d87bcc08afca4");
  EXPECT_EQ(one.lookup_check_value(), "a5fddc09bc9df1cc");
}

TEST(Keyring, EveryUseHasItsOwnSubkey) {
  const auto ring = Keyring::make(entries({{1, 'a'}, {2, 'b'}}), 1, key('l')).value();
  const std::set<std::string> all{ring.subkey(1, "seal").expose(), ring.subkey(1, "other").expose(),
                                  ring.subkey(2, "seal").expose(), ring.lookup_subkey("seal").expose(),
                                  std::string(32, 'a')};
  EXPECT_EQ(all.size(), 5U);
  for (const auto& subkey : all) EXPECT_EQ(subkey.size(), 32U);
}

}  // namespace
}  // namespace countersign::crypto
