#include <gtest/gtest.h>

#include <iostream>
#include <map>
#include <set>

#include "base/encoding.h"
#include "crypto/digest.h"
#include "support/vectors.h"
#include "webauthn/attestation.h"
#include "webauthn/trust.h"

// The statements of TPMs, Android's key store and Apple in the vector files: each whole, and with every member cut.
namespace countersign::webauthn {
namespace {

using countersign::testing::extra_vectors;
using countersign::testing::own_vectors;
using countersign::testing::text_of;

std::string bytes_of_base64url(const json::value& value) { return from_base64url(text_of(value)).value(); }

/// Verifies the statement, and the path where the case has anchors: the attestation type, or the word for the refusal.
std::string judge(const json::object& test, const std::string& object_bytes) {
  const auto object = parse_attestation_object(object_bytes);
  if (!object) return std::string(refusal_word(object.error()));
  const auto data = parse_authenticator_data(object->authenticator_data);
  if (!data) return std::string(refusal_word(data.error()));
  const auto key = PublicKey::from_cose(data->credential->public_key);
  if (!key) return std::string(refusal_word(key.error()));
  const std::string hash = crypto::sha256(bytes_of_base64url(test.at("response").at("clientDataJSON")));
  const auto verified = verify_statement({object->format, object->statement, *data, *key, hash});
  if (!verified) return std::string(refusal_word(verified.error()));
  const json::object* const options = test.contains("options") ? &test.at("options").as_object() : nullptr;
  if (options != nullptr && options->contains("trust_anchors")) {
    std::vector<Certificate> anchors;
    for (const auto& anchor : options->at("trust_anchors").as_array()) {
      anchors.push_back(Certificate::parse(bytes_of_base64url(anchor)).value());
    }
    const WallTime at(std::chrono::seconds(options->at("verify_time").to_number<std::int64_t>()));
    const auto trusted = check_trust_path(verified->chain, anchors, at);
    if (!trusted) return std::string(refusal_word(trusted.error()));
  }
  return std::string(attestation_type_name(verified->type));
}

bool is_ours(const std::string& object_bytes) {
  static const std::set<std::string_view> formats{"tpm", "android-key", "apple"};
  const auto object = parse_attestation_object(object_bytes);
  return object && formats.contains(object->format);
}

/// Why each case with a defect must be refused: the first step that finds it.
const std::map<std::string_view, std::string_view> kDefects{
    {"gen-reg-bad-apple-nonce", "attestation_content_mismatch"},
    {"gen-reg-bad-apple-key", "attestation_key_mismatch"},
    {"gen-reg-bad-android-challenge", "attestation_content_mismatch"},
    {"gen-reg-bad-android-allapps", "attestation_content_mismatch"},
    {"gen-reg-bad-android-imported", "attestation_content_mismatch"},
    {"gen-reg-bad-android-purpose", "attestation_content_mismatch"},
    {"gen-reg-bad-android-key", "attestation_signature_wrong"},
    {"gen-reg-bad-android-empty-lists", "attestation_content_mismatch"},
    {"gen-reg-bad-tpm-magic", "attestation_content_mismatch"},
    {"gen-reg-bad-tpm-type", "attestation_content_mismatch"},
    {"gen-reg-bad-tpm-extra", "attestation_content_mismatch"},
    {"gen-reg-bad-tpm-name", "attestation_content_mismatch"},
    {"gen-reg-bad-tpm-pubarea", "attestation_key_mismatch"},
    {"gen-reg-bad-tpm-ver", "attestation_statement_malformed"},
    {"gen-reg-bad-tpm-eku", "attestation_certificate_unfit"},
    {"gen-reg-bad-tpm-subject", "attestation_certificate_unfit"},
    {"gen-reg-bad-tpm-aaguid", "attestation_aaguid_mismatch"},
};

/// How many of the file's cases were of these formats.
int run(const json::value& vectors) {
  int ran = 0;
  for (const auto& one : vectors.at("cases").as_array()) {
    const json::object& test = one.as_object();
    if (test.at("kind") != "registration") continue;
    const std::string object = bytes_of_base64url(test.at("response").at("attestationObject"));
    if (!is_ours(object)) continue;
    ++ran;
    const std::string name = text_of(test.at("name"));
    if (test.at("expect") == "ok") {
      EXPECT_EQ(judge(test, object), text_of(test.at("result").at("attestation_type"))) << name;
    } else {
      EXPECT_EQ(judge(test, object), kDefects.at(name)) << name;
    }
  }
  return ran;
}

TEST(AttestationVectors, OfTheW3c) { EXPECT_EQ(run(own_vectors("webauthn_w3c.json")), 1); }

TEST(AttestationVectors, Generated) { EXPECT_EQ(run(own_vectors("webauthn_generated.json")), 20); }

TEST(AttestationVectors, OfOtherLibraries) {
  const auto vectors = extra_vectors("webauthn_libraries.json");
  if (!vectors) GTEST_SKIP() << "no vectors of other libraries here";
  const int ran = run(*vectors);
  std::cout << ran << " statements of other libraries' authenticators\n";
  EXPECT_EQ(ran, 9);
}

/// A changed byte matters, or is one that the standard ignores: it never crashes, nor makes another type of
/// attestation. Every seventh byte, since each costs the check of a signature.
TEST(AttestationVectors, SurviveAnyChangedByte) {
  const json::value vectors = own_vectors("webauthn_generated.json");
  for (const auto& one : vectors.at("cases").as_array()) {
    const json::object& test = one.as_object();
    if (test.at("kind") != "registration" || test.at("expect") != "ok") continue;
    const std::string object = bytes_of_base64url(test.at("response").at("attestationObject"));
    if (!is_ours(object)) continue;
    const std::string good = judge(test, object);
    for (std::size_t at = 0; at < object.size(); at += 7) {
      std::string changed = object;
      changed[at] = static_cast<char>(changed[at] ^ 0x01);
      const std::string result = judge(test, changed);
      EXPECT_TRUE(result == good || result.find('_') != std::string::npos) << at << ' ' << result;
      EXPECT_NE(judge(test, object.substr(0, at)), good) << at;
    }
  }
}

}  // namespace
}  // namespace countersign::webauthn
