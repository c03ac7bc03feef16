#include "crypto/recovery_code.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "support/fake_time.h"

namespace countersign::crypto {
namespace {

using testing::SeededRandom;

std::string read(std::string_view typed) {
  const auto code = typed_recovery_code(typed);
  return code ? code->expose() : "none";
}

TEST(RecoveryCode, HasSeventyFiveBitsOfUnambiguousCharacters) {
  SeededRandom random;
  std::set<std::string> all;
  std::map<char, int> seen;
  for (int i = 0; i < 3200; ++i) {
    const SecretString code = new_recovery_code(random);
    ASSERT_EQ(code.expose().size(), kRecoveryCodeLength);
    for (const char c : code.expose()) ++seen[c];
    all.insert(code.expose());
  }
  EXPECT_EQ(all.size(), 3200U);
  EXPECT_EQ(seen.size(), 32U) << "five bits a character";
  for (const char c : std::string_view("ILOU")) EXPECT_FALSE(seen.contains(c)) << c;
  for (const auto& [c, times] : seen) EXPECT_NEAR(times, 1500, 250) << c;
}

TEST(RecoveryCode, IsShownInGroups) {
  EXPECT_EQ(grouped_recovery_code("7K3QMXA9TC4WZ8H"), "7K3QM-XA9TC-4WZ8H");
  EXPECT_EQ(grouped_recovery_code(""), "");
}

TEST(RecoveryCode, IsReadHoweverItIsTyped) {
  for (const char* typed :
       {"7K3QMXA9TC4WZ8H", "7K3QM-XA9TC-4WZ8H", "7k3qm xa9tc 4wz8h", " 7K3Q\u2011MXA\u00A09TC4WZ8H\r\n",
        "7K3QM\u2013XA9TC\u20144WZ8H", "\u200B7K3QMXA9TC4WZ8H", "\uFF17K\u0663QMXA9TC4WZ8H"})
    EXPECT_EQ(read(typed), "7K3QMXA9TC4WZ8H") << typed;
  // What looks like another character.
  EXPECT_EQ(read("OoIiLlUu0123456"), "001111VV0123456");
}

TEST(RecoveryCode, IsNothingElse) {
  for (const char* typed : {"", "-", "7K3QMXA9TC4WZ8", "7K3QMXA9TC4WZ8H7", "7K3QM_XA9TC_4WZ8H", "7K3QMXA9TC4WZ8\u00C7",
                            "123456", "7K3QMXA9TC4WZ8H.",
                            "\xFF"
                            "7K3QMXA9TC4WZ8H"})
    EXPECT_EQ(read(typed), "none") << typed;
  EXPECT_EQ(read(std::string(10'000, '-') + "7K3QMXA9TC4WZ8H"), "none");
  EXPECT_EQ(read(std::string(20'000, '7')), "none");
}

TEST(RecoveryCode, ReadsBackWhatItShows) {
  SeededRandom random;
  for (int i = 0; i < 500; ++i) {
    const SecretString code = new_recovery_code(random);
    EXPECT_EQ(read(grouped_recovery_code(code.expose())), code.expose());
  }
}

}  // namespace
}  // namespace countersign::crypto
