#include "crypto/hkdf.h"

#include <gtest/gtest.h>

#include <iostream>

#include "base/encoding.h"
#include "support/vectors.h"
#include "unit/crypto/package_vectors.h"

namespace countersign::crypto {
namespace {

using testing::bytes_of_hex;

TEST(Hkdf, AgreesWithRfc5869) {
  for (const auto& record : testing::package_vectors("KDF/rfc-5869-HKDF-SHA256.txt")) {
    const auto okm = hkdf_sha256(*from_hex(record.at("IKM")), *from_hex(record.at("salt")),
                                 *from_hex(record.at("info")), std::stoul(record.at("L")));
    EXPECT_EQ(to_hex(okm.expose()), record.at("OKM"));
  }
}

TEST(Hkdf, EmptySaltAndInfoMayBeDefaultViews) {
  const std::string key(22, '\x0b');  // RFC 5869, test case 3
  EXPECT_EQ(to_hex(hkdf_sha256(key, {}, {}, 16).expose()), "8da4e775a563c18f715f802a063c5a31");
}

TEST(Hkdf, AgreesWithWycheproof) {
  const auto vectors = testing::extra_vectors("wycheproof/hkdf_sha256.json");
  if (!vectors) GTEST_SKIP();
  std::size_t ran = 0;
  for (const auto& group : vectors->at("testGroups").as_array()) {
    for (const auto& test : group.at("tests").as_array()) {
      if (test.at("result") != "valid") continue;  // The invalid ones ask for too much, which is a bug of the caller.
      const auto okm = hkdf_sha256(bytes_of_hex(test.at("ikm")), bytes_of_hex(test.at("salt")),
                                   bytes_of_hex(test.at("info")), test.at("size").to_number<std::size_t>());
      EXPECT_EQ(okm.expose(), bytes_of_hex(test.at("okm"))) << test.at("tcId");
      ++ran;
    }
  }
  std::cout << "wycheproof/hkdf_sha256.json: " << ran << " cases\n";
}

}  // namespace
}  // namespace countersign::crypto
