#include "crypto/p256.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "support/fake_time.h"
#include "support/push_browser.h"
#include "support/vectors.h"

namespace countersign::crypto {
namespace {

/// The point of the generator: SEC 2, 2.4.2.
const std::string kGenerator = *from_hex(
    "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ece"
    "cbb6406837bf51f5");
const std::string kOrder = *from_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");

TEST(P256, OnlyAFullPointOnTheCurveIsRead) {
  EXPECT_TRUE(is_p256_point(kGenerator));
  std::string off = kGenerator;
  off.back() = static_cast<char>(off.back() ^ 1);
  const bool odd = (kGenerator.back() & 1) != 0;
  std::string hybrid = kGenerator;
  hybrid[0] = odd ? '\x07' : '\x06';
  const std::string compressed = (odd ? "\x03" : "\x02") + kGenerator.substr(1, 32);
  const std::string zeros = "\x04" + std::string(64, '\0');
  for (const auto& bad : {off, hybrid, compressed, zeros, std::string(1, '\0'), std::string(65, '\0'), std::string(),
                          kGenerator.substr(0, 64), kGenerator + "x"}) {
    EXPECT_FALSE(is_p256_point(bad)) << to_hex(bad);
    EXPECT_FALSE(es256_key_of_point(bad)) << to_hex(bad);
  }
}

TEST(P256, ScalarsOutsideTheOrderAreNoKeys) {
  EXPECT_FALSE(AgreementKey::from_scalar(std::string(32, '\0')));
  EXPECT_FALSE(AgreementKey::from_scalar(kOrder));
  EXPECT_FALSE(AgreementKey::from_scalar("short"));
  const auto one = AgreementKey::from_scalar(std::string(31, '\0') + "\x01");
  ASSERT_TRUE(one);
  EXPECT_EQ(one->point(), kGenerator);
}

TEST(P256, TwoSidesAgreeAndNobodyWithAPointOffTheCurve) {
  testing::SeededRandom random(1);
  const auto a = AgreementKey::generate(random);
  const auto b = AgreementKey::generate(random);
  EXPECT_NE(a.point(), b.point());
  EXPECT_EQ(a.agree(b.point())->expose(), b.agree(a.point())->expose());
  std::string off = b.point();
  off.back() = static_cast<char>(off.back() ^ 1);
  EXPECT_FALSE(a.agree(off));
}

TEST(P256, AgreesWithWycheproof) {
  const auto vectors = testing::extra_vectors("wycheproof/ecdh_secp256r1_ecpoint.json");
  if (!vectors) GTEST_SKIP();
  std::size_t ran = 0;
  for (const auto& group : vectors->at("testGroups").as_array()) {
    for (const auto& test : group.at("tests").as_array()) {
      std::string scalar = testing::bytes_of_hex(test.at("private"));
      scalar = scalar.size() > 32 ? scalar.substr(scalar.size() - 32) : std::string(32 - scalar.size(), '\0') + scalar;
      const auto own = AgreementKey::from_scalar(scalar);
      ASSERT_TRUE(own) << test.at("tcId");
      const std::string peer = testing::bytes_of_hex(test.at("public"));
      const auto common = own->agree(peer);
      // Compressed points are valid there, and not read here.
      const bool good = test.at("result") == "valid" && peer.size() == kP256PointSize;
      ASSERT_EQ(common.has_value(), good) << test.at("tcId");
      if (good) {
        EXPECT_EQ(common->expose(), testing::bytes_of_hex(test.at("shared"))) << test.at("tcId");
      }
      ++ran;
    }
  }
  EXPECT_GT(ran, 100U);
}

TEST(P256, APointIsTheKeyThatSigned) {
  testing::SeededRandom random(2);
  const auto key = SigningKey::generate(JwsAlgorithm::kEs256, random);
  const auto point = p256_point_of(key.public_key());
  ASSERT_EQ(point.size(), kP256PointSize);
  const auto read = es256_key_of_point(point);
  ASSERT_TRUE(read);
  const auto signature = key.sign("approve");
  EXPECT_TRUE(read->verify("approve", signature));
  EXPECT_FALSE(read->verify("approved", signature));
  EXPECT_EQ(p256_point_of(SigningKey::generate(JwsAlgorithm::kEdDsa, random).public_key()), "");
}

TEST(P256, ReadsASubjectPublicKeyInfoAndNothingBehindIt) {
  // RFC 5480: the head of a key of P-256 with a named curve.
  const std::string der = *from_hex("3059301306072a8648ce3d020106082a8648ce3d030107034200") + kGenerator;
  EXPECT_EQ(p256_point_of_spki(der), kGenerator);
  std::string off = der;
  off.back() = static_cast<char>(off.back() ^ 1);
  // secp256k1, whose generator is another.
  const std::string other_curve = *from_hex("3056301006072a8648ce3d020106052b8104000a034200") + kGenerator;
  for (const auto& bad : {der + "x", der.substr(0, der.size() - 1), off, other_curve, std::string(), std::string("x")})
    EXPECT_FALSE(p256_point_of_spki(bad)) << to_hex(bad);
}

}  // namespace
}  // namespace countersign::crypto
