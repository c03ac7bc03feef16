#include <gtest/gtest.h>

#include "crypto/digest.h"
#include "statement_maker.h"

namespace countersign::webauthn {
namespace {

using namespace testing;

constexpr const char* kNonceOid = "1.2.840.113635.100.8.2";

class AppleStatement : public ::testing::Test {
 protected:
  [[nodiscard]] std::string nonce() const {
    return crypto::sha256(credential_.authenticator_data + credential_.client_data_hash);
  }
  /// With this nonce extension, in a certificate for `key`.
  [[nodiscard]] std::string judge(const std::string& extension, const MadeKey& key) const {
    const Issuer leaf = make_certificate({.extensions = {{kNonceOid, false, extension}}}, key);
    return credential_.judge("apple", statement_of({{"x5c", cbor_array({cbor_bytes(leaf.der)})}}));
  }
  [[nodiscard]] std::string judge(const std::string& extension) const { return judge(extension, credential_.key); }

  MadeCredential credential_;
};

TEST_F(AppleStatement, IsAnonymousCaForOneCeremony) {
  EXPECT_EQ(judge(der_sequence(der_explicit(1, der_octets(nonce())))), "anonca");
}

TEST_F(AppleStatement, IsForAnyKindOfKey) {
  const MadeCredential with_rsa(MadeKey::rsa());
  const std::string right = crypto::sha256(with_rsa.authenticator_data + with_rsa.client_data_hash);
  const Issuer leaf = make_certificate(
      {.extensions = {{kNonceOid, false, der_sequence(der_explicit(1, der_octets(right)))}}}, with_rsa.key);
  EXPECT_EQ(with_rsa.judge("apple", statement_of({{"x5c", cbor_array({cbor_bytes(leaf.der)})}})), "anonca");
}

TEST_F(AppleStatement, IsForThisCeremony) {
  for (const std::string& other : {std::string(), std::string(32, '\0'), nonce().substr(1), nonce() + "x"}) {
    EXPECT_EQ(judge(der_sequence(der_explicit(1, der_octets(other)))), "attestation_content_mismatch");
  }
}

TEST_F(AppleStatement, IsForThisCredential) {
  EXPECT_EQ(judge(der_sequence(der_explicit(1, der_octets(nonce()))), MadeKey::p256()), "attestation_key_mismatch");
  EXPECT_EQ(judge(der_sequence(der_explicit(1, der_octets(nonce()))), MadeKey::rsa()), "attestation_key_mismatch");
}

TEST_F(AppleStatement, HasTheNonceInOneForm) {
  for (const std::string& other : {
           der_octets(nonce()),                                                       // no sequence
           der_sequence(der_octets(nonce())),                                         // no tag
           der_sequence(der_explicit(2, der_octets(nonce()))),                        // another tag
           der_sequence(der_explicit(1, der_octets(nonce()) + der_octets(nonce()))),  // two
           der_sequence(der_explicit(1, der_octets(nonce())) + der_octets("x")),      // more in the sequence
           der_sequence(der_explicit(1, der_octets(nonce()))) + "x",                  // bytes after it
           der_sequence(der_explicit(1, der_of(0x0C, nonce()))),                      // a text
           std::string(),
       }) {
    EXPECT_EQ(judge(other), "attestation_certificate_unfit");
  }
  const Issuer without = make_certificate({}, credential_.key);
  EXPECT_EQ(credential_.judge("apple", statement_of({{"x5c", cbor_array({cbor_bytes(without.der)})}})),
            "attestation_certificate_unfit");
}

TEST_F(AppleStatement, HasCertificates) {
  EXPECT_EQ(credential_.judge("apple", statement_of({})), "attestation_statement_malformed");
  EXPECT_EQ(credential_.judge("apple", statement_of({{"x5c", cbor_array({})}})), "attestation_statement_malformed");
  EXPECT_EQ(credential_.judge("apple", statement_of({{"x5c", cbor_array({cbor_bytes("none")})}})),
            "attestation_certificate_malformed");
}

}  // namespace
}  // namespace countersign::webauthn
