#include "crypto/xaes.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include "base/encoding.h"

namespace countersign::crypto {
namespace {

std::string sealed(std::string key, std::string_view nonce, std::string_view plain, std::string_view associated,
                   Xaes::Keep keep = Xaes::Keep::kPerThread) {
  std::string out;
  Xaes(SecretString(std::move(key)), keep).seal(nonce, plain, associated, out);
  return out;
}

// The two vectors of c2sp.org/XAES-256-GCM; the top bit of L is 0 in the first and 1 in the second.
TEST(Xaes, SpecificationVectors) {
  constexpr std::string_view kNonce = "ABCDEFGHIJKLMNOPQRSTUVWX";
  for (const auto keep : {Xaes::Keep::kPerThread, Xaes::Keep::kNowhere}) {
    EXPECT_EQ(to_hex(sealed(std::string(32, 1), kNonce, "XAES-256-GCM", "", keep)),
              "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271");
    EXPECT_EQ(to_hex(sealed(std::string(32, 3), kNonce, "XAES-256-GCM", "c2sp.org/XAES-256-GCM", keep)),
              "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d");
  }
}

/// SHAKE-128 of everything given, `size` bytes of it.
std::string shake128(std::string_view data, std::size_t size) {
  EVP_MD_CTX* ctx = EVP_MD_CTX_new();
  std::string out(size, '\0');
  EXPECT_TRUE(EVP_DigestInit_ex(ctx, EVP_shake128(), nullptr) == 1 &&
              EVP_DigestUpdate(ctx, data.data(), data.size()) == 1 &&
              EVP_DigestFinalXOF(ctx, reinterpret_cast<unsigned char*>(out.data()), size) == 1);
  EVP_MD_CTX_free(ctx);
  return out;
}

// The specification's accumulated test: 10 000 messages from one stream, all ciphertexts hashed into one value.
TEST(Xaes, AccumulatedSpecificationTest) {
  const std::string stream = shake128("", std::size_t{10'000} * (32 + 24 + 2 * 256));
  std::string_view rest = stream;
  const auto take = [&](std::size_t size) {
    const std::string_view out = rest.substr(0, size);
    rest.remove_prefix(size);
    return out;
  };
  const auto take_opaque = [&] { return take(static_cast<unsigned char>(take(1)[0])); };
  std::string all;
  for (int i = 0; i < 10'000; ++i) {
    const std::string key(take(32));
    const std::string_view nonce = take(24);
    const std::string_view plain = take_opaque();
    const std::string_view associated = take_opaque();
    const Xaes cipher(SecretString(key), Xaes::Keep::kPerThread);
    const std::size_t start = all.size();
    cipher.seal(nonce, plain, associated, all);
    const auto opened = cipher.open(nonce, std::string_view(all).substr(start), associated);
    ASSERT_TRUE(opened && opened->expose() == plain) << i;
  }
  EXPECT_EQ(to_hex(shake128(all, 32)), "e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939");
}

TEST(Xaes, OpensNothingThatWasChanged) {
  const std::string nonce(24, 'n');
  const Xaes cipher(SecretString(std::string(32, 'k')), Xaes::Keep::kPerThread);
  std::string box;
  cipher.seal(nonce, "plain", "associated", box);
  EXPECT_TRUE(cipher.open(nonce, box, "associated"));
  EXPECT_FALSE(cipher.open(nonce, box, "associateD"));
  EXPECT_FALSE(cipher.open(std::string(24, 'm'), box, "associated"));
  EXPECT_FALSE(cipher.open(nonce, box.substr(0, box.size() - 1), "associated"));
  EXPECT_FALSE(cipher.open(nonce, "", "associated"));
}

}  // namespace
}  // namespace countersign::crypto
