#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "statement_maker.h"
#include "webauthn/android_key_description.h"

namespace countersign::webauthn {
namespace {

using namespace testing;

constexpr const char* kDescriptionOid = "1.3.6.1.4.1.11129.2.1.17";

std::string der_number(char number) { return der_of(0x02, std::string(1, number)); }
std::string purposes(std::initializer_list<char> numbers) {
  std::string set;
  for (const char number : numbers) set += der_number(number);
  return der_explicit(1, der_of(0x31, set));
}
std::string origin(char number) { return der_explicit(702, der_number(number)); }
const std::string kSign = purposes({2});
const std::string kSignAndVerify = purposes({2, 3});
const std::string kGenerated = origin(0);
const std::string kAllApplications = der_explicit(600, der_of(0x05, {}));

std::string key_description(std::string_view challenge, const std::string& software, const std::string& tee) {
  return der_sequence(der_number(3) + der_of(0x0A, std::string(1, 1)) + der_number(4) +
                      der_of(0x0A, std::string(1, 1)) + der_octets(challenge) + der_octets("unique") +
                      der_sequence(software) + der_sequence(tee));
}

class AndroidKeyStatement : public ::testing::Test {
 protected:
  [[nodiscard]] std::string judge(const std::string& extension, const MadeKey& key, std::int64_t algorithm = -7) const {
    const Issuer leaf = make_certificate({.extensions = {{kDescriptionOid, false, extension}}}, key);
    const std::string signature = key.sign(credential_.authenticator_data + credential_.client_data_hash);
    return credential_.judge("android-key", statement_of({{"alg", cbor_int(algorithm)},
                                                          {"sig", cbor_bytes(signature)},
                                                          {"x5c", cbor_array({cbor_bytes(leaf.der)})}}));
  }
  [[nodiscard]] std::string judge(const std::string& extension) const { return judge(extension, credential_.key); }
  /// With these authorization lists.
  [[nodiscard]] std::string judge_lists(const std::string& software, const std::string& tee) const {
    return judge(key_description(credential_.client_data_hash, software, tee));
  }

  MadeCredential credential_;
};

TEST_F(AndroidKeyStatement, IsOfAKeyGeneratedInPlaceThatSigns) {
  EXPECT_EQ(judge_lists({}, kSign + kGenerated), "basic");
  EXPECT_EQ(judge_lists({}, kSignAndVerify + der_explicit(2, der_number(3)) + kGenerated), "basic") << "and more";
  EXPECT_EQ(judge_lists(kSign + kGenerated, {}), "basic") << "the operating system's word is enough";
  EXPECT_EQ(judge_lists(kSign, kGenerated), "basic") << "both lists together";
}

TEST_F(AndroidKeyStatement, IsOfAKeyForOneApplication) {
  EXPECT_EQ(judge_lists(kAllApplications, kSign + kGenerated), kMismatch);
  EXPECT_EQ(judge_lists({}, kSign + kAllApplications + kGenerated), kMismatch);
}

TEST_F(AndroidKeyStatement, IsOfNoImportedKey) {
  EXPECT_EQ(judge_lists({}, kSign + origin(2)), kMismatch);
  EXPECT_EQ(judge_lists({}, kSign), kMismatch) << "no list says where it is from";
  EXPECT_EQ(judge_lists(origin(2), kSign + kGenerated), kMismatch) << "the lists disagree";
  EXPECT_EQ(judge_lists(kGenerated, kSign + origin(2)), kMismatch);
}

TEST_F(AndroidKeyStatement, IsOfAKeyThatSigns) {
  EXPECT_EQ(judge_lists({}, purposes({0, 1, 3}) + kGenerated), kMismatch);
  EXPECT_EQ(judge_lists({}, purposes({}) + kGenerated), kMismatch);
  EXPECT_EQ(judge_lists({}, kGenerated), kMismatch);
  EXPECT_EQ(judge_lists({}, {}), kMismatch);
}

TEST_F(AndroidKeyStatement, IsForThisCeremony) {
  EXPECT_EQ(judge(key_description(std::string(32, 'x'), {}, kSign + kGenerated)), kMismatch);
  EXPECT_EQ(judge(key_description({}, {}, kSign + kGenerated)), kMismatch);
}

TEST_F(AndroidKeyStatement, IsForThisCredential) {
  EXPECT_EQ(judge(key_description(credential_.client_data_hash, {}, kSign + kGenerated), MadeKey::p256()),
            "attestation_key_mismatch");
}

TEST_F(AndroidKeyStatement, IsSigned) {
  const std::string good = key_description(credential_.client_data_hash, {}, kSign + kGenerated);
  EXPECT_EQ(judge(good, credential_.key, -257), "attestation_algorithm_mismatch");
  EXPECT_EQ(judge(good, credential_.key, -65535), "algorithm_not_allowed") << "SHA-1 is for TPMs alone";
  const Issuer leaf = make_certificate({.extensions = {{kDescriptionOid, false, good}}}, credential_.key);
  const std::string x5c = cbor_array({cbor_bytes(leaf.der)});
  const std::string other = credential_.key.sign("something else");
  EXPECT_EQ(
      credential_.judge("android-key", statement_of({{"alg", cbor_int(-7)}, {"sig", cbor_bytes(other)}, {"x5c", x5c}})),
      "attestation_signature_wrong");
  EXPECT_EQ(credential_.judge("android-key", statement_of({{"alg", cbor_int(-7)}, {"x5c", x5c}})),
            "attestation_statement_malformed");
  EXPECT_EQ(credential_.judge("android-key", statement_of({{"sig", cbor_bytes(other)}, {"x5c", x5c}})),
            "attestation_statement_malformed");
  EXPECT_EQ(credential_.judge("android-key", statement_of({{"alg", cbor_int(-7)}, {"sig", cbor_bytes(other)}})),
            "attestation_statement_malformed");
}

TEST_F(AndroidKeyStatement, NeedsADescription) {
  EXPECT_EQ(judge("no DER"), "attestation_certificate_unfit");
  const Issuer without = make_certificate({}, credential_.key);
  const std::string signature = credential_.key.sign(credential_.authenticator_data + credential_.client_data_hash);
  EXPECT_EQ(credential_.judge("android-key", statement_of({{"alg", cbor_int(-7)},
                                                           {"sig", cbor_bytes(signature)},
                                                           {"x5c", cbor_array({cbor_bytes(without.der)})}})),
            "attestation_certificate_unfit");
}

TEST(AndroidKeyDescription, HasOneForm) {
  const auto reads = [](const std::string& tee) {
    return read_android_key_description(key_description("challenge", {}, tee)).has_value();
  };
  EXPECT_TRUE(reads(kSign + kGenerated));
  EXPECT_FALSE(reads(kGenerated + kSign)) << "not in the order of the tags";
  EXPECT_FALSE(reads(kSign + kSign)) << "twice";
  EXPECT_FALSE(reads(der_number(1))) << "no tag";
  EXPECT_FALSE(reads(der_explicit(1, der_number(2)))) << "a purpose that is no set";
  EXPECT_FALSE(reads(der_explicit(1, der_of(0x31, der_octets("2")))));
  EXPECT_FALSE(reads(der_explicit(702, der_number(0) + der_number(0)))) << "two origins";
  EXPECT_FALSE(reads(der_explicit(702, {})));
  const std::string good = key_description("challenge", kSign, kGenerated);
  EXPECT_FALSE(read_android_key_description(good + "x"));
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(read_android_key_description(good.substr(0, size))) << size;
  }
}

RC_GTEST_PROP(AndroidKeyDescription, SurvivesAnyChange, (std::uint16_t at, char byte)) {
  std::string changed = key_description("challenge", kSign, kSignAndVerify + kAllApplications + kGenerated);
  changed[at % changed.size()] = byte;
  static_cast<void>(read_android_key_description(changed));
}

}  // namespace
}  // namespace countersign::webauthn
