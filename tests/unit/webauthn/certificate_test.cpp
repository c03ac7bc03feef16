#include "webauthn/certificate.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/encoding.h"
#include "certificate_maker.h"

namespace countersign::webauthn {
namespace {

using testing::CertificateForm;
using testing::MadeKey;
using testing::make_certificate;

Certificate made(const CertificateForm& form, const MadeKey& key = MadeKey::p256()) {
  return Certificate::parse(make_certificate(form, key).der).value();
}

TEST(Certificate, SaysWhatStandsInIt) {
  const MadeKey key = MadeKey::p256();
  const Certificate certificate =
      made({.subject = {{"2.5.4.6", "AA"}, {"2.5.4.10", "Example"}, {"2.5.4.11", "One"}, {"2.5.4.11", "Zw\xC3\xB6lf"}},
            .extensions = {testing::basic_constraints(false), testing::extended_key_usage({"2.23.133.8.3", "1.2.3"}),
                           testing::aaguid_extension("0123456789abcdef")}},
           key);
  EXPECT_EQ(certificate.version(), 3);
  EXPECT_EQ(certificate.subject("2.5.4.6"), std::vector<std::string>{"AA"});
  EXPECT_EQ(certificate.subject("2.5.4.11"), (std::vector<std::string>{"One", "Zw\xC3\xB6lf"}));
  EXPECT_TRUE(certificate.subject("2.5.4.3").empty());
  EXPECT_FALSE(certificate.has_empty_subject());
  EXPECT_EQ(certificate.ca(), false);
  EXPECT_EQ(certificate.extended_key_usage(), (std::vector<std::string>{"2.23.133.8.3", "1.2.3"}));
  EXPECT_FALSE(certificate.alternative_names());
  const auto aaguid = certificate.extension("1.3.6.1.4.1.45724.1.1.4");
  ASSERT_TRUE(aaguid);
  EXPECT_FALSE(aaguid->critical);
  EXPECT_EQ(aaguid->value,
            "\x04\x10"
            "0123456789abcdef");
  EXPECT_FALSE(certificate.extension("1.3.6.1.4.1.45724.1.1.5"));
  const auto es256 = certificate.key_for(Algorithm::kEs256);
  ASSERT_TRUE(es256);
  EXPECT_TRUE(es256->verify({"a ", "message"}, key.sign("a message")));
  EXPECT_FALSE(certificate.key_for(Algorithm::kRs256));
}

TEST(Certificate, SaysWhatIsNotThere) {
  const Certificate certificate = made({.subject = {}, .version = 1});
  EXPECT_EQ(certificate.version(), 1);
  EXPECT_TRUE(certificate.has_empty_subject());
  EXPECT_EQ(certificate.ca(), std::nullopt);
  EXPECT_TRUE(certificate.extended_key_usage().empty());
  EXPECT_EQ(made({.extensions = {testing::basic_constraints(true)}}).ca(), true);
}

TEST(Certificate, ReadsAlternativeNames) {
  const Certificate host = made({.extensions = {testing::dns_names({"a.example", "b.example"})}});
  ASSERT_TRUE(host.alternative_names());
  EXPECT_EQ(host.alternative_names()->dns, (std::vector<std::string>{"a.example", "b.example"}));
  EXPECT_FALSE(host.alternative_names()->critical);
  const Certificate tpm = made({.extensions = {testing::directory_name({{"2.23.133.2.1", "id:00000000"}})}});
  ASSERT_EQ(tpm.alternative_names()->directory.size(), 1U);
  EXPECT_EQ(tpm.alternative_names()->directory[0].type, "2.23.133.2.1");
  EXPECT_EQ(tpm.alternative_names()->directory[0].value, "id:00000000");
  EXPECT_TRUE(tpm.alternative_names()->critical);
}

TEST(Certificate, IsOneElementOfStrictDer) {
  const std::string der = make_certificate({}, MadeKey::p256()).der;
  ASSERT_TRUE(Certificate::parse(der));
  EXPECT_FALSE(Certificate::parse(der + '\0')) << "a byte after it";
  EXPECT_FALSE(Certificate::parse(der + der)) << "a second one";
  // The same certificate, its outer length in one byte more than it needs: BER, which OpenSSL itself would take.
  ASSERT_EQ(der.substr(0, 2), "\x30\x82");
  EXPECT_FALSE(Certificate::parse(std::string("\x30\x83\0", 3) + der.substr(2)));
  EXPECT_FALSE(Certificate::parse({}));
  EXPECT_FALSE(Certificate::parse(testing::der_sequence({})));
}

TEST(Certificate, HasEachExtensionOnce) {
  EXPECT_FALSE(Certificate::parse(
      make_certificate({.extensions = {testing::basic_constraints(false), testing::basic_constraints(true)}},
                       MadeKey::p256())
          .der));
  EXPECT_FALSE(Certificate::parse(
      make_certificate({.extensions = {testing::aaguid_extension("a"), testing::aaguid_extension("b")}},
                       MadeKey::p256())
          .der));
}

TEST(Certificate, HasReadableExtensions) {
  for (const char* known : {"2.5.29.19", "2.5.29.37", "2.5.29.17"}) {
    EXPECT_FALSE(Certificate::parse(make_certificate({.extensions = {{known, false, "no DER"}}}, MadeKey::p256()).der))
        << known;
  }
}

TEST(Certificate, HasAnEnd) {
  const testing::MadeExtension large{"1.2.3", false, testing::der_octets(std::string(kCertificateMax, 'x'))};
  EXPECT_FALSE(Certificate::parse(make_certificate({.extensions = {large}}, MadeKey::p256()).der));
}

TEST(Certificate, CutAnywhereIsNone) {
  const std::string der = make_certificate({.extensions = {testing::basic_constraints(false)}}, MadeKey::p256()).der;
  for (std::size_t size = 0; size < der.size(); ++size) EXPECT_FALSE(Certificate::parse(der.substr(0, size))) << size;
}

RC_GTEST_PROP(Certificate, SurvivesAnyChange, ()) {
  static const std::string der =
      make_certificate({.extensions = {testing::basic_constraints(false), testing::dns_names({"a.example"}),
                                       testing::extended_key_usage({"2.23.133.8.3"})}},
                       MadeKey::p256())
          .der;
  std::string changed = der;
  const auto changes = *rc::gen::container<std::vector<std::pair<std::uint16_t, char>>>(
      rc::gen::arbitrary<std::pair<std::uint16_t, char>>());
  for (const auto& [at, byte] : changes) changed[at % changed.size()] = byte;
  const auto certificate = Certificate::parse(changed);
  if (!certificate) return;
  static_cast<void>(certificate->subject("2.5.4.3"));
  static_cast<void>(certificate->key_for(Algorithm::kEs256));
}

}  // namespace
}  // namespace countersign::webauthn
