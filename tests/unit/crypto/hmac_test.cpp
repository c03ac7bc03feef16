#include "crypto/hmac.h"

#include <gtest/gtest.h>

#include <atomic>
#include <iostream>
#include <thread>
#include <vector>

#include "base/encoding.h"
#include "support/vectors.h"
#include "unit/crypto/package_vectors.h"

namespace countersign::crypto {
namespace {

std::string text_of(const json::value& value) { return std::string(value.as_string()); }
std::string bytes_of_hex(const json::value& value) { return *from_hex(text_of(value)); }

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

TEST(HmacSeries, EachMessageStandsAlone) {
  const std::vector<std::string> messages{"a", "b", "", "a"};
  std::vector<std::string> expected;
  for (const auto& message : messages) expected.push_back(hmac(Hash::kSha1, "key", message));
  HmacSeries series(Hash::kSha1, "key");
  for (std::size_t i = 0; i < messages.size(); ++i) {
    std::array<unsigned char, HmacSeries::kMaxSize> out{};
    const std::size_t size = series.next(messages[i], out.data());
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(out.data()), size), expected[i]);
  }
}

}  // namespace
}  // namespace countersign::crypto
