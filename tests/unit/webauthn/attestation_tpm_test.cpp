#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <rapidcheck/gtest.h>

#include "crypto/digest.h"
#include "statement_maker.h"
#include "webauthn/tpm_structures.h"

namespace countersign::webauthn {
namespace {

using namespace testing;

std::string be16(std::size_t number) { return {static_cast<char>(number >> 8), static_cast<char>(number & 0xFF)}; }
std::string sized(std::string_view bytes) { return be16(bytes.size()).append(bytes); }

constexpr std::size_t kNullAlgorithm = 0x0010;
constexpr std::size_t kSha1 = 0x0004;
constexpr std::size_t kSha256 = 0x000B;

std::string digest_of(const char* name, std::string_view bytes) {
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  std::size_t size = 0;
  EXPECT_EQ(EVP_Q_digest(nullptr, name, nullptr, bytes.data(), bytes.size(),
                         reinterpret_cast<unsigned char*>(digest.data()), &size),
            1);
  return digest.substr(0, size);
}

/// TPMT_PUBLIC of a key, named by this hash.
std::string public_area(const MadeKey& key, std::size_t name_hash = kSha256) {
  const auto [first, second] = key.parts();
  const bool rsa = EVP_PKEY_get_base_id(key.native()) == EVP_PKEY_RSA;
  std::string area = be16(rsa ? 0x0001 : 0x0023) + be16(name_hash) + std::string("\0\x04\x04\x72", 4) + sized("policy");
  area += be16(kNullAlgorithm);
  if (rsa) return area + be16(0x0014) + be16(kSha256) + be16(first.size() * 8) + std::string(4, '\0') + sized(first);
  const std::size_t curve = first.size() == 32 ? 3 : first.size() == 48 ? 4 : 5;
  return area + be16(kNullAlgorithm) + be16(curve) + be16(kNullAlgorithm) + sized(first) + sized(second);
}

struct CertifyForm {
  std::string magic = "\xFFTCG";
  std::string type = "\x80\x17";
  std::string extra_data;
  std::string name;
  std::string after{};
};

std::string certify_info(const CertifyForm& form) {
  return form.magic + form.type + sized("signer") + sized(form.extra_data) + std::string(17 + 8, 'c') +
         sized(form.name) + sized("qualified") + form.after;
}

const std::vector<std::pair<const char*, std::string>> kTpmNames{
    {"2.23.133.2.1", "id:FFFFF1D0"}, {"2.23.133.2.2", "Model"}, {"2.23.133.2.3", "id:13"}};

CertificateForm aik_form() {
  return {.subject = {},
          .extensions = {basic_constraints(false), directory_name(kTpmNames), extended_key_usage({"2.23.133.8.3"})}};
}

/// A statement and its parts, each of which a test can change before judge().
class TpmStatement : public ::testing::Test {
 protected:
  explicit TpmStatement(MadeKey key = MadeKey::p256()) : credential_(std::move(key)) {
    area_ = public_area(credential_.key);
    info_.extra_data = digest_of("SHA256", attested());
    info_.name = be16(kSha256) + digest_of("SHA256", area_);
  }
  [[nodiscard]] std::string attested() const { return credential_.authenticator_data + credential_.client_data_hash; }
  void name_again(std::size_t algorithm, const char* digest) {
    info_.name = be16(algorithm) + digest_of(digest, area_);
  }
  /// The answer to the statement with all parts as they are, signed over.
  [[nodiscard]] std::string judge() const {
    const std::string info = certify_info(info_);
    const Issuer aik = make_certificate(aik_, aik_key_);
    return credential_.judge("tpm",
                             statement_of({{"ver", version_},
                                           {"alg", cbor_int(algorithm_)},
                                           {"x5c", cbor_array({cbor_bytes(aik.der)})},
                                           {"sig", cbor_bytes(aik_key_.sign(signed_ ? *signed_ : info, digest_))},
                                           {"certInfo", cbor_bytes(info)},
                                           {"pubArea", cbor_bytes(area_)}}));
  }

  MadeCredential credential_;
  std::string version_ = cbor_text("2.0");
  std::int64_t algorithm_ = -7;
  const char* digest_ = "SHA256";
  std::string area_;
  CertifyForm info_{};
  std::optional<std::string> signed_;  ///< instead of certInfo
  CertificateForm aik_ = aik_form();
  MadeKey aik_key_ = MadeKey::p256();
};

class TpmStatementRsa : public TpmStatement {
 protected:
  TpmStatementRsa() : TpmStatement(MadeKey::rsa()) {}
};

class TpmStatementP384 : public TpmStatement {
 protected:
  TpmStatementP384() : TpmStatement(MadeKey::ec("P-384")) {}
};

TEST_F(TpmStatement, IsOfAnEccKey) { EXPECT_EQ(judge(), "attca"); }
TEST_F(TpmStatementRsa, IsOfAnRsaKey) { EXPECT_EQ(judge(), "attca"); }
TEST_F(TpmStatementP384, IsOfAKeyOnAnotherCurve) { EXPECT_EQ(judge(), "attca"); }

TEST_F(TpmStatement, IsOfVersionTwo) {
  for (const std::string& other : {cbor_text("1.2"), cbor_text("2.0 "), cbor_int(2), std::string()}) {
    version_ = other;
    EXPECT_EQ(judge(), kMalformed);
  }
}

TEST_F(TpmStatement, IsOfTheCredentialsKey) {
  area_ = public_area(MadeKey::p256());
  name_again(kSha256, "SHA256");
  EXPECT_EQ(judge(), "attestation_key_mismatch");
  area_ = public_area(MadeKey::rsa());
  name_again(kSha256, "SHA256");
  EXPECT_EQ(judge(), "attestation_key_mismatch");
}

TEST_F(TpmStatementRsa, IsOfTheCredentialsExponentToo) {
  // The last four bytes before the modulus: 3 instead of 0, which is 65537.
  area_[area_.size() - 2 - 256 - 1] = 3;
  name_again(kSha256, "SHA256");
  EXPECT_EQ(judge(), "attestation_key_mismatch");
}

TEST_F(TpmStatement, WasMadeByTheTpm) {
  info_.magic = "\xFFTCH";
  EXPECT_EQ(judge(), kMismatch);
}

TEST_F(TpmStatement, Certifies) {
  info_.type = "\x80\x18";  // TPM_ST_ATTEST_QUOTE
  EXPECT_EQ(judge(), kMismatch);
}

TEST_F(TpmStatement, IsForThisCeremony) {
  info_.extra_data = digest_of("SHA256", "another");
  EXPECT_EQ(judge(), kMismatch);
  info_.extra_data = digest_of("SHA1", attested());
  EXPECT_EQ(judge(), kMismatch) << "a hash that is not that of alg";
  info_.extra_data = {};
  EXPECT_EQ(judge(), kMismatch);
}

TEST_F(TpmStatement, NamesTheKey) {
  info_.name = be16(kSha256) + digest_of("SHA256", "another");
  EXPECT_EQ(judge(), kMismatch);
  info_.name = digest_of("SHA256", area_);
  EXPECT_EQ(judge(), kMismatch) << "without its algorithm";
  info_.name = {};
  EXPECT_EQ(judge(), kMismatch);
}

TEST_F(TpmStatement, NamesTheKeyByAStrongHash) {
  area_ = public_area(credential_.key, 0x000C);
  name_again(0x000C, "SHA384");
  EXPECT_EQ(judge(), "attca");
  area_ = public_area(credential_.key, kSha1);
  name_again(kSha1, "SHA1");
  EXPECT_EQ(judge(), kMalformed) << "not by SHA-1";
}

TEST_F(TpmStatement, IsSignedByTheCertificatesKey) {
  signed_ = "something else";
  EXPECT_EQ(judge(), "attestation_signature_wrong");
  signed_.reset();
  algorithm_ = -257;
  EXPECT_EQ(judge(), "attestation_algorithm_mismatch");
  for (const int unknown : {-8, -53, 0, -258}) {
    algorithm_ = unknown;
    EXPECT_EQ(judge(), "algorithm_not_allowed") << unknown;
  }
}

TEST_F(TpmStatement, MayBeSignedWithSha1AsTpmsOfOldDo) {
  aik_key_ = MadeKey::rsa();
  algorithm_ = -65535;
  digest_ = "SHA1";
  info_.extra_data = digest_of("SHA1", attested());
  EXPECT_EQ(judge(), "attca");
  signed_ = "something else";
  EXPECT_EQ(judge(), "attestation_signature_wrong");
  signed_.reset();
  digest_ = "SHA256";
  EXPECT_EQ(judge(), "attestation_signature_wrong") << "says SHA-1 and is not";
  aik_key_ = MadeKey::p256();
  EXPECT_EQ(judge(), "attestation_algorithm_mismatch");
}

TEST_F(TpmStatement, IsSignedWithTheAlgorithmsOfOurs) {
  aik_key_ = MadeKey::rsa();
  algorithm_ = -257;
  EXPECT_EQ(judge(), "attca");
  aik_key_ = MadeKey::ec("P-384");
  algorithm_ = -35;
  digest_ = "SHA384";
  info_.extra_data = digest_of("SHA384", attested());
  EXPECT_EQ(judge(), "attca");
}

TEST_F(TpmStatement, CertificateIsAsRequired) {
  aik_.version = 1;
  EXPECT_EQ(judge(), kUnfit) << "version";
  aik_ = aik_form();
  aik_.subject = {{"2.5.4.3", "A name"}};
  EXPECT_EQ(judge(), kUnfit) << "subject";
  aik_ = aik_form();
  aik_.extensions[0] = basic_constraints(true);
  EXPECT_EQ(judge(), kUnfit) << "a CA";
  aik_.extensions.erase(aik_.extensions.begin());
  EXPECT_EQ(judge(), kUnfit) << "no basic constraints";
  aik_ = aik_form();
  aik_.extensions[2] = extended_key_usage({"2.23.133.8.1"});
  EXPECT_EQ(judge(), kUnfit) << "another usage";
  aik_.extensions.pop_back();
  EXPECT_EQ(judge(), kUnfit) << "no usage";
  aik_ = aik_form();
  aik_.extensions[1] = dns_names({"tpm.example"});
  EXPECT_EQ(judge(), kUnfit) << "no names of a TPM";
  aik_.extensions.erase(aik_.extensions.begin() + 1);
  EXPECT_EQ(judge(), kUnfit) << "no alternative names";
}

TEST_F(TpmStatement, CertificateNamesTheTpm) {
  for (std::size_t at = 0; at < kTpmNames.size(); ++at) {
    auto fewer = kTpmNames;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(at));
    aik_.extensions[1] = directory_name(fewer);
    EXPECT_EQ(judge(), kUnfit) << "without " << kTpmNames[at].first;
    auto twice = kTpmNames;
    twice.push_back(kTpmNames[at]);
    aik_.extensions[1] = directory_name(twice);
    EXPECT_EQ(judge(), kUnfit) << "twice " << kTpmNames[at].first;
  }
  for (const char* vendor : {"FFFFF1D0", "id:FFFFF1D", "id:FFFFF1D00", "id:FFFFF1DG"}) {
    auto other = kTpmNames;
    other[0].second = vendor;
    aik_.extensions[1] = directory_name(other);
    EXPECT_EQ(judge(), kUnfit) << vendor;
  }
}

TEST_F(TpmStatement, CertificateIsOfThisModel) {
  aik_.extensions.push_back(aaguid_extension(credential_.aaguid));
  EXPECT_EQ(judge(), "attca");
  aik_.extensions.back() = aaguid_extension("another 16 bytes");
  EXPECT_EQ(judge(), "attestation_aaguid_mismatch");
  aik_.extensions.back() = aaguid_extension(credential_.aaguid, true);
  EXPECT_EQ(judge(), kUnfit) << "critical";
}

TEST_F(TpmStatement, EndsWhereItsPartsEnd) {
  info_.after = "x";
  EXPECT_EQ(judge(), kMalformed);
  info_.after = {};
  area_ += "x";
  EXPECT_EQ(judge(), kMalformed);
}

TEST(TpmStructures, ReadLeadingZerosThatWereLeftOut) {
  MadeKey key = MadeKey::p256();
  while (key.parts().first.front() != 0) key = MadeKey::p256();
  std::string area = public_area(key);
  const auto [x, y] = key.parts();
  area = area.substr(0, area.size() - 2 * (2 + 32)) + sized(x.substr(1)) + sized(y);
  const auto read = tpm::read_public_area(area);
  ASSERT_TRUE(read);
  EXPECT_EQ(std::get<tpm::EccKey>(read->key).x, x);
}

TEST(TpmStructures, RefuseWhatNoCredentialIs) {
  const std::string good = public_area(MadeKey::p256());
  ASSERT_TRUE(tpm::read_public_area(good));
  const std::size_t parameters = 2 + 2 + 4 + 2 + 6;
  const auto with = [&](std::size_t at, std::size_t number) {
    std::string changed = good;
    return changed.replace(at, 2, be16(number));
  };
  EXPECT_FALSE(tpm::read_public_area(with(0, 0x0008))) << "a keyed hash";
  EXPECT_FALSE(tpm::read_public_area(with(0, 0x0001))) << "says RSA";
  EXPECT_FALSE(tpm::read_public_area(with(parameters, 0x0006))) << "with a symmetric algorithm";
  EXPECT_FALSE(tpm::read_public_area(with(parameters + 2, 0x0019))) << "a key exchange";
  EXPECT_FALSE(tpm::read_public_area(with(parameters + 4, 0x0020))) << "an unknown curve";
  EXPECT_FALSE(tpm::read_public_area(with(parameters + 6, 0x0007))) << "a key derivation";
  EXPECT_FALSE(tpm::read_public_area(with(parameters + 8, 33))) << "a coordinate that is too long";
}

TEST(TpmStructures, CutAnywhereAreNone) {
  for (const MadeKey& key : {MadeKey::p256(), MadeKey::rsa()}) {
    const std::string area = public_area(key);
    ASSERT_TRUE(tpm::read_public_area(area));
    for (std::size_t size = 0; size < area.size(); ++size) EXPECT_FALSE(tpm::read_public_area(area.substr(0, size)));
  }
  const std::string info = certify_info({.extra_data = "extra", .name = "name"});
  ASSERT_TRUE(tpm::read_certify(info));
  for (std::size_t size = 0; size < info.size(); ++size) EXPECT_FALSE(tpm::read_certify(info.substr(0, size)));
}

RC_GTEST_PROP(TpmStructures, SurviveAnyChange, (std::uint16_t at, char byte)) {
  static const std::string rsa = public_area(MadeKey::rsa());
  static const std::string ecc = public_area(MadeKey::p256());
  for (std::string bytes : {rsa, ecc, certify_info({.extra_data = "extra", .name = "name"})}) {
    bytes[at % bytes.size()] = byte;
    static_cast<void>(tpm::read_public_area(bytes));
    static_cast<void>(tpm::read_certify(bytes));
  }
}

}  // namespace
}  // namespace countersign::webauthn
