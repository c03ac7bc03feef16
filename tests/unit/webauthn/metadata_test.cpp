#include "webauthn/metadata.h"

#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/x509.h>
#include <rapidcheck/gtest.h>

#include "base/encoding.h"
#include "base/json.h"
#include "certificate_maker.h"
#include "webauthn/aaguid.h"
#include "webauthn/trust.h"

namespace countersign::webauthn {
namespace {

using std::chrono::days;
using std::chrono::hours;
using testing::CertificateForm;
using testing::Issuer;
using testing::kInDate;
using testing::MadeKey;
using testing::make_authority;
using testing::make_certificate;

constexpr std::string_view kKey = "a25342c0-3cdc-4414-8e46-f4807fca511c";
constexpr std::string_view kSigner = "mds.fidoalliance.org";

/// A JWS has r and s of 32 bytes each.
std::string raw_signature(std::string_view der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const std::shared_ptr<ECDSA_SIG> parts(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())), ECDSA_SIG_free);
  std::string raw(64, '\0');
  auto* const out = reinterpret_cast<unsigned char*>(raw.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(parts.get()), out, 32);
  BN_bn2binpad(ECDSA_SIG_get0_s(parts.get()), out + 32, 32);
  return raw;
}

/// A metadata service of its own: a root, an authority, and the signer's certificate for the host.
class MetadataBlob : public ::testing::Test {
 protected:
  explicit MetadataBlob(MadeKey key = MadeKey::p256(), std::string alg = "ES256")
      : key_(std::move(key)), alg_(std::move(alg)) {}

  [[nodiscard]] Issuer signer(CertificateForm form = {
                                  .extensions = {testing::dns_names({std::string(kSigner)})}}) const {
    return make_certificate(form, key_, &authority_);
  }
  [[nodiscard]] std::string header(const std::vector<Issuer>& chain) const {
    json::array x5c;
    for (const Issuer& one : chain) x5c.emplace_back(to_base64(one.der));
    return canonical_json(json::object{{"alg", alg_}, {"typ", "JWT"}, {"x5c", x5c}});
  }
  [[nodiscard]] std::string header() const { return header({signer(), authority_}); }
  [[nodiscard]] std::string sealed(std::string_view header, std::string_view payload) const {
    const std::string text = to_base64url(header) + '.' + to_base64url(payload);
    const std::string signature = key_.sign(text);
    return text + '.' + to_base64url(alg_ == "ES256" ? raw_signature(signature) : signature);
  }
  /// With this list of entries.
  [[nodiscard]] static std::string published(std::string_view entries, std::string_view number = "42") {
    return R"({"legalHeader":"…","no":)" + std::string(number) + R"(,"nextUpdate":"2026-01-15","entries":[)" +
           std::string(entries) + "]}";
  }
  [[nodiscard]] std::string blob(std::string_view entries = {}) const { return sealed(header(), published(entries)); }

  [[nodiscard]] Result<Metadata, MetadataError> read(std::string_view text, WallTime now = kInDate,
                                                     std::int64_t number_before = 0) const {
    return Metadata::read(text, {.anchors = {Certificate::parse(root_.der).value()}}, now, number_before);
  }
  [[nodiscard]] std::string word(std::string_view text, WallTime now = kInDate, std::int64_t number_before = 0) const {
    const auto result = read(text, now, number_before);
    return result ? "read" : std::string(metadata_error_word(result.error()));
  }
  [[nodiscard]] static std::string base64_of(const Issuer& issuer) { return '"' + to_base64(issuer.der) + '"'; }

  MadeKey key_;
  std::string alg_;
  Issuer root_ = make_authority("Root of the service");
  Issuer authority_ = make_authority("Authority of the service", &root_);
};

class MetadataBlobRsa : public MetadataBlob {
 protected:
  MetadataBlobRsa() : MetadataBlob(MadeKey::rsa(), "RS256") {}
};

TEST_F(MetadataBlob, IsReadWhereItIsSigned) {
  const Issuer vendor = make_authority("Vendor");
  const auto metadata =
      read(blob(R"({"aaguid":")" + std::string(kKey) + R"(","metadataStatement":{"description":"A key",
      "attestationRootCertificates":[)" +
                base64_of(vendor) + R"(]},"statusReports":[
      {"status":"FIDO_CERTIFIED_L1","effectiveDate":"2020-05-12"},{"status":"FIDO_CERTIFIED"}]})"));
  ASSERT_TRUE(metadata);
  EXPECT_EQ(metadata->number(), 42);
  EXPECT_EQ(metadata->next_update(), std::chrono::sys_days(std::chrono::year(2026) / 1 / 15));
  EXPECT_EQ(metadata->size(), 1U);
  const MetadataEntry* const entry = metadata->find(aaguid_from_text(kKey).value());
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(entry->description, "A key");
  ASSERT_EQ(entry->roots.size(), 1U);
  EXPECT_EQ(entry->roots[0].der(), vendor.der);
  ASSERT_EQ(entry->reports.size(), 2U);
  EXPECT_EQ(entry->reports[0].status, "FIDO_CERTIFIED_L1");
  EXPECT_EQ(entry->reports[0].effective, std::chrono::sys_days(std::chrono::year(2020) / 5 / 12));
  EXPECT_EQ(entry->standing(kInDate), AuthenticatorStanding::kNothingAgainst);
  EXPECT_EQ(metadata->find(std::string(16, 'x')), nullptr);
  const Certificate leaf = Certificate::parse(make_certificate({}, MadeKey::p256(), &vendor).der).value();
  EXPECT_TRUE(
      check_trust_path(std::vector{leaf}, metadata->find(aaguid_from_text(kKey).value(), leaf)->roots, kInDate));
}

TEST_F(MetadataBlobRsa, IsReadWhereItIsSigned) { EXPECT_EQ(word(blob()), "read"); }

TEST_F(MetadataBlob, MayEndWithALine) { EXPECT_EQ(word(blob() + "\r\n"), "read"); }

TEST_F(MetadataBlob, IsSignedByTheServicesKey) {
  std::string changed = blob();
  changed[changed.find('.') + 5] ^= 1;
  EXPECT_EQ(word(changed), "signature");
  const std::string other = make_certificate({}, MadeKey::p256()).key.sign("something");
  const std::string text = blob();
  EXPECT_EQ(word(text.substr(0, text.rfind('.') + 1) + to_base64url(raw_signature(other))), "signature");
  EXPECT_EQ(word(text.substr(0, text.rfind('.') + 1)), "signature") << "an empty one";
}

TEST_F(MetadataBlobRsa, IsSignedByTheServicesKey) {
  std::string changed = blob();
  changed[changed.find('.') + 5] ^= 1;
  EXPECT_EQ(word(changed), "signature");
}

TEST_F(MetadataBlob, IsOfAKnownAlgorithm) {
  for (const char* other : {"none", "HS256", "RS256", "ES384", "es256", ""}) {
    alg_ = other;
    EXPECT_EQ(word(blob()), "algorithm") << other;
  }
}

TEST_F(MetadataBlob, LeadsToARootOfTheOperator) {
  const Issuer other_root = make_authority("Root of the service");
  const Issuer other =
      make_certificate({.extensions = {testing::dns_names({std::string(kSigner)})}}, key_, &other_root);
  EXPECT_EQ(word(sealed(header({other, other_root}), published({}))), "untrusted");
  EXPECT_EQ(word(sealed(header({signer()}), published({}))), "untrusted") << "without the authority between";
  EXPECT_EQ(word(blob(), kInDate + hours(25)), "untrusted") << "expired";
  EXPECT_EQ(Metadata::read(blob(), {}, kInDate).error(), MetadataError::kUntrusted) << "no roots configured";
}

TEST_F(MetadataBlob, IsFromTheServicesHost) {
  for (const char* host : {"fidoalliance.org", "mds.fidoalliance.org.example", "*.fidoalliance.org"}) {
    EXPECT_EQ(word(sealed(header({signer({.extensions = {testing::dns_names({host})}}), authority_}), published({}))),
              "wrong_host")
        << host;
  }
  const CertificateForm by_name{.subject = {{"2.5.4.3", std::string(kSigner)}}};
  EXPECT_EQ(word(sealed(header({signer(by_name), authority_}), published({}))), "wrong_host") << "in the subject alone";
}

TEST_F(MetadataBlob, BringsItsChain) {
  EXPECT_EQ(word(sealed(R"({"alg":"ES256"})", published({}))), "no_chain");
  EXPECT_EQ(word(sealed(R"({"alg":"ES256","x5u":"https://mds.fidoalliance.org/chain"})", published({}))), "no_chain");
  EXPECT_EQ(word(sealed(R"({"alg":"ES256","x5c":[]})", published({}))), "no_chain");
  EXPECT_EQ(word(sealed(R"({"alg":"ES256","x5c":["AAAA"]})", published({}))), "no_chain");
  EXPECT_EQ(word(sealed(R"({"alg":"ES256","x5c":[1]})", published({}))), "no_chain");
  EXPECT_EQ(word(sealed(header(std::vector<Issuer>(9, authority_)), published({}))), "no_chain");
}

TEST_F(MetadataBlob, IsAJws) {
  for (const std::string& other : {std::string(), std::string("a.b"), blob() + ".x", "!" + blob(),
                                   sealed("not JSON", published({})), sealed("[]", published({}))}) {
    EXPECT_EQ(word(other), "malformed") << other.substr(0, 40);
  }
  std::string critical = header();
  critical.insert(1, R"("crit":["exp"],)");
  EXPECT_EQ(word(sealed(critical, published({}))), "malformed");
  EXPECT_EQ(word(std::string(kMetadataMax + 1, 'a')), "too_large");
}

TEST_F(MetadataBlob, IsWhatTheServicePublishes) {
  for (const char* other :
       {"", "[]", R"({"nextUpdate":"2026-01-15","entries":[]})",
        R"({"no":"42","nextUpdate":"2026-01-15","entries":[]})", R"({"no":42,"entries":[]})",
        R"({"no":42,"nextUpdate":"2026-02-30","entries":[]})", R"({"no":42,"nextUpdate":"2026-01-15"})",
        R"({"no":42,"nextUpdate":"2026-01-15","entries":[1]})"}) {
    EXPECT_EQ(word(sealed(header(), other)), "payload") << other;
  }
}

TEST_F(MetadataBlob, NeverGoesBack) {
  EXPECT_EQ(word(blob(), kInDate, 43), "older");
  EXPECT_EQ(word(blob(), kInDate, 42), "read") << "the same again, as after a restart";
}

TEST_F(MetadataBlob, GrowsStale) {
  const auto metadata = read(blob());
  ASSERT_TRUE(metadata);
  const WallTime end = std::chrono::sys_days(std::chrono::year(2026) / 1 / 16);
  EXPECT_FALSE(metadata->is_stale(end - std::chrono::seconds(1)));
  EXPECT_TRUE(metadata->is_stale(end));
}

TEST_F(MetadataBlob, TellsWhatIsSaidAgainstAModel) {
  const auto standing = [&](std::string_view reports, WallTime now = kInDate) {
    const auto metadata =
        read(blob(R"({"aaguid":")" + std::string(kKey) + R"(","statusReports":[)" + std::string(reports) + "]}"));
    return metadata->find(aaguid_from_text(kKey).value())->standing(now);
  };
  EXPECT_EQ(standing(""), AuthenticatorStanding::kNothingAgainst);
  EXPECT_EQ(standing(R"({"status":"NOT_FIDO_CERTIFIED"},{"status":"UPDATE_AVAILABLE"},{"status":"NEW_WORD"})"),
            AuthenticatorStanding::kNothingAgainst);
  for (const char* status : {"USER_VERIFICATION_BYPASS", "ATTESTATION_KEY_COMPROMISE", "USER_KEY_REMOTE_COMPROMISE",
                             "USER_KEY_PHYSICAL_COMPROMISE"}) {
    const std::string report = R"({"status":")" + std::string(status) + R"("})";
    EXPECT_EQ(standing(report), AuthenticatorStanding::kCompromised) << status;
    EXPECT_EQ(standing(report + R"(,{"status":"FIDO_CERTIFIED"})"), AuthenticatorStanding::kCompromised) << status;
    EXPECT_EQ(standing(report + R"(,{"status":"REVOKED"})"), AuthenticatorStanding::kRevoked) << status;
  }
  constexpr std::string_view kLater = R"({"status":"REVOKED","effectiveDate":"2026-01-02"})";
  EXPECT_EQ(standing(kLater), AuthenticatorStanding::kNothingAgainst);
  EXPECT_EQ(standing(kLater, kInDate + days(1)), AuthenticatorStanding::kRevoked);
}

TEST_F(MetadataBlob, SaysOfAModelThatIsThereTwiceAllThatIsSaid) {
  const std::string one = R"({"aaguid":")" + std::string(kKey) + R"(","statusReports":[{"status":"FIDO_CERTIFIED"}]})";
  const std::string two = R"({"aaguid":")" + std::string(kKey) + R"(","statusReports":[{"status":"REVOKED"}]})";
  const auto metadata = read(blob(one + ',' + two));
  ASSERT_TRUE(metadata);
  EXPECT_EQ(metadata->size(), 1U);
  EXPECT_EQ(metadata->find(aaguid_from_text(kKey).value())->standing(kInDate), AuthenticatorStanding::kRevoked);
}

TEST_F(MetadataBlob, FindsU2fAuthenticatorsByTheKeyOfTheirCertificate) {
  const Issuer attestation = make_certificate({}, MadeKey::p256());
  const Certificate leaf = Certificate::parse(attestation.der).value();
  // What OpenSSL calls the identifier of a key, RFC 5280, 4.2.1.2, method 1.
  std::string digest(20, '\0');
  unsigned size = 0;
  ASSERT_EQ(X509_pubkey_digest(leaf.native(), EVP_sha1(), reinterpret_cast<unsigned char*>(digest.data()), &size), 1);
  const auto metadata = read(blob(R"({"attestationCertificateKeyIdentifiers":["00ff",")" + to_hex(digest) +
                                  R"("],"metadataStatement":{"description":"A U2F key"}})"));
  ASSERT_TRUE(metadata);
  const std::string zeros(16, '\0');
  ASSERT_NE(metadata->find(zeros, leaf), nullptr);
  EXPECT_EQ(metadata->find(zeros, leaf)->description, "A U2F key");
  EXPECT_EQ(metadata->find(zeros), nullptr);
  EXPECT_EQ(metadata->find(std::string(16, 'x'), leaf), nullptr) << "one with an AAGUID is found by that alone";
  EXPECT_EQ(metadata->find(zeros, Certificate::parse(root_.der).value()), nullptr);
}

TEST_F(MetadataBlob, LeavesOutWhatItCannotUse) {
  const auto metadata = read(blob(R"({"aaid":"4e4e#4005","statusReports":[]},
      {"aaguid":")" + std::string(kKey) +
                                  R"(","metadataStatement":{"attestationRootCertificates":["AAAA",7,")" +
                                  to_base64(root_.der).insert(64, "\\n ") + R"("]},"statusReports":[{},7]})"));
  ASSERT_TRUE(metadata);
  EXPECT_EQ(metadata->size(), 1U);
  EXPECT_EQ(metadata->skipped_roots(), 2U);
  const MetadataEntry* const entry = metadata->find(aaguid_from_text(kKey).value());
  EXPECT_EQ(entry->roots.size(), 1U) << "with a line break inside, as some have been published";
  EXPECT_TRUE(entry->reports.empty());
  EXPECT_EQ(entry->description, "");
}

TEST_F(MetadataBlob, HasAnEnd) {
  std::string many = R"({"aaguid":")" + std::string(kKey) + R"(","statusReports":[)";
  for (int at = 0; at < 1001; ++at) many += R"({"status":"FIDO_CERTIFIED"},)";
  many.back() = ']';
  EXPECT_EQ(word(blob(many + '}')), "payload");
  std::string entries;
  for (int at = 0; at < 20'001; ++at) entries += "{},";
  entries.pop_back();
  EXPECT_EQ(word(blob(entries)), "payload");
}

RC_GTEST_FIXTURE_PROP(MetadataBlob, SurvivesAnyChange, (std::uint32_t at, char byte)) {
  static const std::string payload = published(R"({"aaguid":"x","attestationCertificateKeyIdentifiers":["00"]})");
  std::string changed = payload;
  changed[at % changed.size()] = byte;
  static_cast<void>(word(sealed(header(), changed)));
}

}  // namespace
}  // namespace countersign::webauthn
