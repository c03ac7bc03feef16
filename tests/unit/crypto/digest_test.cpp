#include "crypto/digest.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/encoding.h"

namespace countersign::crypto {
namespace {

Keyring ring(char lookup, char seal = 'a') {
  std::vector<KeyringEntry> entries;
  entries.push_back({1, SecretString(std::string(32, seal))});
  return Keyring::make(std::move(entries), 1, SecretString(std::string(32, lookup))).value();
}

TEST(Sha256, KnownAnswers) {  // FIPS 180-4 examples.
  EXPECT_EQ(to_hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Digester, ComparesAcrossRotationsButNotAcrossLookupKeys) {
  const Digester before(ring('l', 'a'));
  const Digester after(ring('l', 'b'));
  const Digester stranger(ring('m', 'a'));
  EXPECT_EQ(before.blind_index("phone", "+15551234567"), after.blind_index("phone", "+15551234567"));
  EXPECT_NE(before.blind_index("phone", "+15551234567"), stranger.blind_index("phone", "+15551234567"));
  EXPECT_EQ(before.code_digest("otp", {"VE1"}, "123456"), after.code_digest("otp", {"VE1"}, "123456"));
  EXPECT_EQ(before.token_digest("api-key", "t"), after.token_digest("api-key", "t"));
}

TEST(Digester, SizesAndStoredForms) {
  const Digester digester(ring('l'));
  EXPECT_EQ(digester.code_digest("otp", {}, "123456").size(), 32U);
  EXPECT_EQ(digester.token_digest("api-key", "t").size(), 32U);
  // Written down in databases: a change of form must show here.
  EXPECT_EQ(to_hex(digester.blind_index("phone", "+15551234567")), "ec31d6481ed05c730aed005c0e23b67e");
  EXPECT_EQ(to_hex(digester.code_digest("otp", {"AC1", "VE1"}, "123456")),
            "022fd8fbfb91211b3f7d753fac32eb3eda66c91192884dbcd6d0d99c89d0c156");
  EXPECT_EQ(to_hex(digester.token_digest("api-key", "t")),
            "28cbb06cf944e77605553eead4b48a5caeea75f818c028b1d234fb5598c24d04");
}

TEST(Digester, EveryFieldCounts) {
  const Digester digester(ring('l'));
  const auto code = digester.code_digest("otp", {"account", "verification"}, "123456");
  EXPECT_NE(code, digester.code_digest("otp", {"account", "verification"}, "123457"));
  EXPECT_NE(code, digester.code_digest("otp", {"account", "verificatioN"}, "123456"));
  EXPECT_NE(code, digester.code_digest("recovery", {"account", "verification"}, "123456"));
  EXPECT_NE(digester.blind_index("phone", "x"), digester.blind_index("email", "x"));
}

RC_GTEST_PROP(Digester, NothingCanBeShiftedBetweenFields, (const std::string& text)) {
  const Digester digester(ring('l'));
  const std::string_view all = text;
  const std::string whole = digester.code_digest("otp", {all, ""}, "1");
  for (std::size_t cut = 0; cut < all.size(); ++cut) {
    RC_ASSERT(digester.code_digest("otp", {all.substr(0, cut), all.substr(cut)}, "1") != whole);
  }
  RC_ASSERT(digester.code_digest("otp", {all}, "1") != whole);
  RC_ASSERT(digester.code_digest("otp", {all, "", ""}, "1") != whole);
}

}  // namespace
}  // namespace countersign::crypto
