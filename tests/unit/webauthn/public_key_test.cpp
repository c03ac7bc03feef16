#include "webauthn/public_key.h"

#include <gtest/gtest.h>

#include <atomic>
#include <iostream>
#include <thread>

#include "base/encoding.h"
#include "support/vectors.h"
#include "unit/webauthn/cose.h"
#include "unit/webauthn/vector_case.h"

namespace countersign::webauthn {
namespace {

using countersign::testing::bytes_of_hex;
using countersign::testing::extra_vectors;
using namespace std::string_literals;
using testing::cose_ec2;
using testing::cose_okp;
using testing::cose_rsa;

std::string without_leading_zeros(std::string bytes) {
  return bytes.substr(std::min(bytes.find_first_not_of('\0'), bytes.size()));
}

/// Runs one Wycheproof file through the path that assertions take; `to_cose` makes the COSE_Key of a group.
template <class ToCose>
void verify_wycheproof(const char* file, ToCose to_cose) {
  const auto vectors = extra_vectors(file);
  if (!vectors) return;
  std::size_t ran = 0;
  for (const auto& group : vectors->at("testGroups").as_array()) {
    const auto key = PublicKey::from_cose(to_cose(group.at("publicKey")));
    ASSERT_TRUE(key) << file << " " << refusal_word(key.error());
    for (const auto& test : group.at("tests").as_array()) {
      const std::string message = bytes_of_hex(test.at("msg"));
      const std::string_view view = message;
      const std::size_t middle = message.size() / 2;
      EXPECT_EQ(key->verify({view.substr(0, middle), view.substr(middle)}, bytes_of_hex(test.at("sig"))),
                test.at("result") == "valid")
          << file << " " << test.at("tcId") << " " << test.at("comment");
      ++ran;
    }
  }
  EXPECT_GT(ran, 0U);
  std::cout << file << ": " << ran << " cases\n";
}

auto wycheproof_ec(std::int64_t alg, std::int64_t crv) {
  return [alg, crv](const json::value& key) {
    const std::string point = bytes_of_hex(key.at("uncompressed"));
    const std::size_t size = (point.size() - 1) / 2;
    return cose_ec2(alg, crv, point.substr(1, size), point.substr(1 + size));
  };
}

auto wycheproof_okp(std::int64_t alg, std::int64_t crv) {
  return [alg, crv](const json::value& key) { return cose_okp(alg, crv, bytes_of_hex(key.at("pk"))); };
}

TEST(CredentialKey, WycheproofEcdsa) {
  verify_wycheproof("wycheproof/ecdsa_secp256r1_sha256.json", wycheproof_ec(-7, 1));
  verify_wycheproof("wycheproof/ecdsa_secp384r1_sha384.json", wycheproof_ec(-35, 2));
  verify_wycheproof("wycheproof/ecdsa_secp521r1_sha512.json", wycheproof_ec(-36, 3));
}

TEST(CredentialKey, WycheproofEdDsa) {
  verify_wycheproof("wycheproof/ed25519.json", wycheproof_okp(-8, 6));
  verify_wycheproof("wycheproof/ed448.json", wycheproof_okp(-53, 7));
}

TEST(CredentialKey, WycheproofRsa) {
  verify_wycheproof("wycheproof/rsa_signature_2048_sha256.json", [](const json::value& key) {
    return cose_rsa(-257, without_leading_zeros(bytes_of_hex(key.at("modulus"))),
                    without_leading_zeros(bytes_of_hex(key.at("publicExponent"))));
  });
}

/// An odd number of this size in bits.
std::string modulus_of(int bits) {
  std::string out(static_cast<std::size_t>((bits + 7) / 8), '\x5b');
  out.front() = static_cast<char>(1 << ((bits - 1) % 8));
  return out;
}

Refusal key_refusal(const std::string& cose) {
  const auto key = PublicKey::from_cose(cose);
  EXPECT_FALSE(key);
  return key.error();
}

// It is kept, with whatever else stands in it. [WA-R16]
TEST(CredentialKey, AMapThatCarriesFarMoreThanAKeyIsNone) {
  const auto with = [](char high) {  // One more entry: 99, and so many times 256 bytes.
    std::string cose = cose_rsa(-257, modulus_of(2048), "\x01\x00\x01"s);
    cose.front() = '\xa5';
    return cose.insert(1, "\x18\x63\x59"s + high + '\0' + std::string(static_cast<std::size_t>(high) * 256, 'x'));
  };
  EXPECT_TRUE(PublicKey::from_cose(with(6)));
  EXPECT_EQ(key_refusal(with(7)), Refusal::kKeyMalformed);
}

// The sizes just inside and just outside. [WA-R16]
TEST(CredentialKey, RsaBounds) {
  const std::string e = "\x01\x00\x01"s;
  EXPECT_TRUE(PublicKey::from_cose(cose_rsa(-257, modulus_of(2048), e)));
  EXPECT_EQ(key_refusal(cose_rsa(-257, modulus_of(2047), e)), Refusal::kKeyTooWeak);
  EXPECT_TRUE(PublicKey::from_cose(cose_rsa(-257, modulus_of(8192), e)));
  EXPECT_EQ(key_refusal(cose_rsa(-257, modulus_of(8193), e)), Refusal::kKeyMalformed);
  EXPECT_TRUE(PublicKey::from_cose(cose_rsa(-257, modulus_of(2048), "\x03")));
  EXPECT_EQ(key_refusal(cose_rsa(-257, modulus_of(2048), "\x01")), Refusal::kKeyTooWeak);
  EXPECT_EQ(key_refusal(cose_rsa(-257, modulus_of(2048), "\x02")), Refusal::kKeyTooWeak);
  EXPECT_EQ(key_refusal(cose_rsa(-257, modulus_of(2048), "")), Refusal::kKeyMalformed);
  EXPECT_EQ(key_refusal(cose_rsa(-257, modulus_of(2048), "\x00\x03"s)), Refusal::kKeyMalformed);
  EXPECT_EQ(key_refusal(cose_rsa(-257, modulus_of(2048), std::string(9, '\x01'))), Refusal::kKeyMalformed);
  EXPECT_EQ(key_refusal(cose_rsa(-257, "\0"s + modulus_of(2048), e)), Refusal::kKeyMalformed);
  std::string even = modulus_of(2048);
  even.back() = 2;
  EXPECT_EQ(key_refusal(cose_rsa(-257, even, e)), Refusal::kKeyMalformed);
}

// No algorithm of RSA with SHA-1, with SHA-512, or with PSS; and no number that is not an algorithm. [WA-R16]
TEST(CredentialKey, AlgorithmsThatAreNotOurs) {
  for (const std::int64_t alg : {-65535, -258, -259, -37, 0, 7, -47}) {
    EXPECT_EQ(algorithm_numbered(alg), std::nullopt) << alg;
    EXPECT_EQ(key_refusal(cose_rsa(alg, modulus_of(2048), "\x01\x00\x01"s)), Refusal::kAlgorithmNotAllowed) << alg;
  }
}

// Each kind of key with the algorithm of another one.
TEST(CredentialKey, KindAndAlgorithmBelongTogether) {
  const auto p256 = PublicKey::from_cose(testing::p256_cose());
  ASSERT_TRUE(p256);
  const std::string x = p256->point().substr(1, 32);
  const std::string y = p256->point().substr(33);
  EXPECT_EQ(cose_ec2(-7, 1, x, y), testing::p256_cose());
  EXPECT_EQ(key_refusal(cose_ec2(-35, 1, x, y)), Refusal::kKeyMalformed);
  EXPECT_EQ(key_refusal(cose_ec2(-7, 2, x, y)), Refusal::kKeyMalformed);
  EXPECT_EQ(key_refusal(cose_ec2(-7, 8, x, y)), Refusal::kKeyMalformed);  // secp256k1
  EXPECT_EQ(key_refusal(cose_ec2(-257, 1, x, y)), Refusal::kKeyMalformed);
  EXPECT_EQ(key_refusal(cose_ec2(-7, 1, y, x)), Refusal::kKeyMalformed);  // off the curve
  EXPECT_EQ(key_refusal(cose_okp(-8, 7, std::string(57, '\1'))), Refusal::kKeyMalformed);
  EXPECT_EQ(key_refusal(cose_okp(-53, 6, std::string(32, '\1'))), Refusal::kKeyMalformed);
  EXPECT_EQ(key_refusal("\xa0"), Refusal::kKeyMalformed);
  EXPECT_EQ(key_refusal(testing::p256_cose() + '\0'), Refusal::kKeyMalformed);
  EXPECT_FALSE(PublicKey::from_native(Algorithm::kEs384, p256->native()));
  EXPECT_FALSE(PublicKey::from_native(Algorithm::kEdDsa, p256->native()));
  const auto again = PublicKey::from_native(Algorithm::kEs256, p256->native());
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->is_same_key(*p256));
  EXPECT_EQ(again->point(), p256->point());
}

// One key, used by many threads at once, as a cache of keys gives it out.
TEST(CredentialKey, VerifiesOnSeveralThreads) {
  const auto vectors = countersign::testing::own_vectors("webauthn_w3c.json");
  const json::value* fields = nullptr;
  for (const auto& test : vectors.at("cases").as_array()) {
    if (test.at("name") == "w3c-none-es256-auth") fields = &test;
  }
  ASSERT_NE(fields, nullptr);
  const testing::VectorCase test(fields->as_object());
  const auto key = PublicKey::from_cose(testing::decoded(fields->at("credential").at("public_key")));
  ASSERT_TRUE(key);
  const std::string message = testing::signed_message(test);
  const std::string signature = test.bytes_of("signature");
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, copy = *key] {
      for (int n = 0; n < 25; ++n) {
        if (copy.verify({message}, signature) && !copy.verify({message, "x"}, signature)) ++good;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 100);
}

}  // namespace
}  // namespace countersign::webauthn
