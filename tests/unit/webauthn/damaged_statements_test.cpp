#include <gtest/gtest.h>

#include <set>

#include "base/encoding.h"
#include "crypto/digest.h"
#include "support/vectors.h"
#include "webauthn/attestation.h"
#include "webauthn/trust.h"

// The statements of TPMs, Android's key store and Apple in the vector files, damaged. Whole they are in
// vectors_test.cpp.
namespace countersign::webauthn {
namespace {

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

/// A changed byte matters, or is one that the standard ignores: it never crashes, nor makes another type of
/// attestation. Every seventh byte, since each costs the check of a signature.
TEST(DamagedStatements, NeverBecomeOthers) {
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
