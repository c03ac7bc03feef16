#include "crypto/hmac.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <atomic>
#include <iostream>
#include <thread>
#include <vector>

#include "base/encoding.h"
#include "support/vectors.h"
#include "unit/crypto/package_vectors.h"

namespace countersign::crypto {
namespace {

using testing::bytes_of_hex;
using testing::text_of;

TEST(Hmac, AgreesWithPackagedVectors) {
  struct File {
    const char* path;
    Hash hash;
  };
  for (const File& file : {File{"HMAC/rfc-2202-sha1.txt", Hash::kSha1}, File{"HMAC/rfc-4231-sha256.txt", Hash::kSha256},
                           File{"HMAC/rfc-4231-sha512.txt", Hash::kSha512}}) {
    for (const auto& record : testing::package_vectors(file.path)) {
      const std::string mac = to_hex(hmac(file.hash, *from_hex(record.at("Key")), *from_hex(record.at("Msg"))));
      EXPECT_EQ(mac, record.at("MD")) << file.path;
    }
  }
}

TEST(Hmac, AgreesWithWycheproof) {
  struct File {
    const char* path;
    Hash hash;
  };
  for (const File& file :
       {File{"wycheproof/hmac_sha1.json", Hash::kSha1}, File{"wycheproof/hmac_sha256.json", Hash::kSha256},
        File{"wycheproof/hmac_sha512.json", Hash::kSha512}}) {
    const auto vectors = testing::extra_vectors(file.path);
    if (!vectors) continue;
    std::size_t ran = 0;
    for (const auto& group : vectors->at("testGroups").as_array()) {
      for (const auto& test : group.at("tests").as_array()) {
        const std::string tag = bytes_of_hex(test.at("tag"));
        const std::string mac = hmac(file.hash, bytes_of_hex(test.at("key")), bytes_of_hex(test.at("msg")));
        EXPECT_EQ(equal_constant_time(mac.substr(0, tag.size()), tag), test.at("result") == "valid")
            << file.path << " " << test.at("tcId");
        ++ran;
      }
    }
    std::cout << file.path << ": " << ran << " cases\n";
  }
}

TEST(HmacKey, MacsPartsAsOneText) {
  const HmacKey key(SecretString("Jefe"));
  for (int round = 0; round < 3; ++round) {  // The second and third use the key schedule that the first left.
    EXPECT_EQ(to_hex(key.mac({"what do ya want ", "", "for nothing?"})),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  }
}

TEST(HmacKey, ManyKeysInManyThreadsNeverMixUp) {
  std::vector<HmacKey> keys;
  for (int i = 0; i < 50; ++i) keys.emplace_back(SecretString("key " + std::to_string(i)));  // More than are kept.
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 2000; ++i) {
        const int at = (i * 7 + t * 3) % 50;
        const std::string message = std::to_string(i);
        const std::string expected = hmac(Hash::kSha256, "key " + std::to_string(at), message);
        if (keys[static_cast<std::size_t>(at)].mac({message}) != expected) ++wrong;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

// The composed form against OpenSSL's, for keys below, at and above the block size, message after message.
RC_GTEST_PROP(HmacSeries, AgreesWithHmac, ()) {
  const Hash hash = *rc::gen::element(Hash::kSha1, Hash::kSha256, Hash::kSha512);
  const std::string key =
      *rc::gen::container<std::string>(*rc::gen::inRange<std::size_t>(0, 200), rc::gen::arbitrary<char>());
  HmacSeries series(hash, key);
  for (int i = 0; i < 3; ++i) {
    const std::string message =
        *rc::gen::container<std::string>(*rc::gen::inRange<std::size_t>(0, 65), rc::gen::arbitrary<char>());
    std::array<unsigned char, HmacSeries::kMacMax> out{};
    const std::size_t size = series.next(message, out.data());
    RC_ASSERT(std::string(reinterpret_cast<const char*>(out.data()), size) == hmac(hash, key, message));
  }
}

TEST(HmacSeries, AgreesWithHmacAtTheBlockSize) {
  for (const Hash hash : {Hash::kSha1, Hash::kSha256, Hash::kSha512}) {
    for (const std::size_t length : {0U, 63U, 64U, 65U, 127U, 128U, 129U}) {
      const std::string key(length, 'k');
      std::array<unsigned char, HmacSeries::kMacMax> out{};
      HmacSeries series(hash, key);
      const std::size_t size = series.next("message", out.data());
      EXPECT_EQ(std::string(reinterpret_cast<const char*>(out.data()), size), hmac(hash, key, "message")) << length;
    }
  }
}

}  // namespace
}  // namespace countersign::crypto
