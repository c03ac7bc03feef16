#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>

#include "support/vectors.h"
#include "unit/webauthn/vector_case.h"
#include "webauthn/client_data.h"
#include "webauthn/response_json.h"

// What holds for every answer, whatever its bytes.
namespace countersign::webauthn {
namespace {

using countersign::testing::own_vectors;
using testing::cases_of;
using testing::VectorCase;
using testing::word_of;

constexpr std::array kMembers{"clientDataJSON", "attestationObject", "authenticatorData", "signature"};

std::vector<VectorCase> good_cases() {
  std::vector<VectorCase> out;
  for (const char* file : {"webauthn_w3c.json", "webauthn_generated.json"}) {
    for (VectorCase& test : cases_of(own_vectors(file))) {
      if (test.expects_ok()) out.push_back(std::move(test));
    }
  }
  return out;
}

TEST(WebauthnProperties, EveryTruncationIsRefused) {
  for (const VectorCase& test : good_cases()) {
    for (const char* member : kMembers) {
      if (!test.has(member)) continue;
      const std::string bytes = test.bytes_of(member);
      for (std::size_t size = 0; size < bytes.size(); ++size) {
        ASSERT_NE(word_of(test.run_with(member, std::string_view(bytes).substr(0, size))), "ok")
            << test.name() << " " << member << " cut to " << size;
      }
    }
  }
}

TEST(WebauthnProperties, EveryAddedByteIsRefused) {
  for (const VectorCase& test : good_cases()) {
    for (const char* member : kMembers) {
      if (!test.has(member)) continue;
      ASSERT_NE(word_of(test.run_with(member, test.bytes_of(member) + '\0')), "ok") << test.name() << " " << member;
    }
  }
}

std::string flipped(std::string bytes, std::size_t at) {
  bytes[at] = static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ 1U << at % 8);
  return bytes;
}

void expect_flips_refused(const VectorCase& test, const char* member, std::size_t from, std::size_t to) {
  const std::string bytes = test.bytes_of(member);
  for (std::size_t at = from; at < to; ++at) {
    ASSERT_NE(word_of(test.run_with(member, flipped(bytes, at))), "ok") << test.name() << " " << member << " at " << at;
  }
}

TEST(WebauthnProperties, EveryFlippedBitOfAnAssertionIsRefused) {
  for (const VectorCase& test : good_cases()) {
    if (test.is_registration()) continue;
    for (const char* member : {"clientDataJSON", "authenticatorData", "signature"}) {
      expect_flips_refused(test, member, 0, test.bytes_of(member).size());
    }
  }
}

// Where somebody signed: client data and authenticator data. U2F signs neither flags nor counter nor AAGUID, which it
// does not have.
TEST(WebauthnProperties, EveryFlippedBitOfAnAttestedRegistrationIsRefused) {
  std::size_t ran = 0;
  for (const VectorCase& test : good_cases()) {
    if (!test.is_registration()) continue;
    const std::string bytes = test.bytes_of("attestationObject");
    const auto object = parse_attestation_object(bytes);
    ASSERT_TRUE(object);
    if (object->format == "none") continue;
    ++ran;
    const auto data = static_cast<std::size_t>(object->authenticator_data.data() - bytes.data());
    expect_flips_refused(test, "clientDataJSON", 0, test.bytes_of("clientDataJSON").size());
    if (object->format == "fido-u2f") {
      expect_flips_refused(test, "attestationObject", data, data + 32);
      expect_flips_refused(test, "attestationObject", data + 53, data + object->authenticator_data.size());
    } else {
      expect_flips_refused(test, "attestationObject", data, data + object->authenticator_data.size());
    }
  }
  EXPECT_GT(ran, 10U);
}

RC_GTEST_PROP(WebauthnProperties, NoBytesCrashTheReaders, ()) {
  const auto bytes = *rc::gen::string<std::string>();
  (void)parse_cbor(bytes).has_value();
  (void)parse_attestation_object(bytes).has_value();
  (void)parse_authenticator_data(bytes).has_value();
  (void)parse_authenticator_data(std::string(32, 'x') + bytes).has_value();
  (void)parse_client_data(bytes).has_value();
  (void)PublicKey::from_cose(bytes).has_value();
  (void)read_registration_response(bytes).has_value();
  (void)read_authentication_response(bytes).has_value();
}

// A few bytes changed, removed or put in: the ceremony ends with a value or a refusal.
RC_GTEST_PROP(WebauthnProperties, NoChangedAnswerCrashesACeremony, ()) {
  static const std::vector<VectorCase> tests = cases_of(own_vectors("webauthn_generated.json"));
  const VectorCase& test = *rc::gen::elementOf(tests);
  const std::string member = *rc::gen::elementOf(std::vector<std::string>(kMembers.begin(), kMembers.end()));
  if (!test.has(member)) return;
  std::string bytes = test.bytes_of(member);
  for (int edits = *rc::gen::inRange(1, 4); edits > 0 && !bytes.empty(); --edits) {
    const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size());
    const auto byte = static_cast<char>(*rc::gen::inRange(0, 256));
    switch (*rc::gen::inRange(0, 3)) {
      case 0:
        bytes[at] = byte;
        break;
      case 1:
        bytes.erase(at, 1);
        break;
      default:
        bytes.insert(at, 1, byte);
    }
  }
  RC_ASSERT(!word_of(test.run_with(member, bytes)).empty());
}

}  // namespace
}  // namespace countersign::webauthn
