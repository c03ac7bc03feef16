#include <gtest/gtest.h>

#include <iostream>
#include <set>

#include "base/encoding.h"
#include "support/vectors.h"
#include "unit/webauthn/vector_case.h"

// Ceremonies of the standard's own test vectors, of real authenticators, and those made for this project with one
// defect each.
namespace countersign::webauthn {
namespace {

using countersign::testing::extra_vectors;
using countersign::testing::own_vectors;
using countersign::testing::text_of;
using testing::decoded;
using testing::VectorCase;
using testing::word_of;

void expect_flags(const AuthenticatorFlags& flags, const json::object& result, const std::string& name) {
  const auto expect = [&](const char* member, bool is) {
    if (!result.contains(member)) return;
    EXPECT_EQ(is, result.at(member).as_bool()) << name << " " << member;
  };
  expect("up", flags.user_present);
  expect("uv", flags.user_verified);
  expect("be", flags.backup_eligible);
  expect("bs", flags.backed_up);
}

void expect_registration(const Registration& is, const json::object& result, const std::string& name) {
  EXPECT_EQ(is.attestation_format, text_of(result.at("fmt"))) << name;
  EXPECT_EQ(attestation_type_name(is.attestation_type), text_of(result.at("attestation_type"))) << name;
  EXPECT_EQ(to_hex(is.aaguid), text_of(result.at("aaguid"))) << name;
  EXPECT_EQ(is.credential_id, decoded(result.at("credential_id"))) << name;
  EXPECT_EQ(is.public_key, decoded(result.at("public_key"))) << name;
  EXPECT_EQ(number_of(is.key.algorithm()), result.at("alg").as_int64()) << name;
  EXPECT_EQ(is.sign_count, result.at("sign_count").to_number<std::uint32_t>()) << name;
  expect_flags(is.flags, result, name);
}

void expect_assertion(const Assertion& is, const json::object& result, const std::string& name) {
  EXPECT_EQ(is.sign_count, result.at("new_sign_count").to_number<std::uint32_t>()) << name;
  EXPECT_FALSE(is.counter_went_back) << name;
  EXPECT_FALSE(is.backup_eligibility_changed) << name;
  expect_flags(is.flags, result, name);
}

/// Runs a file; the refusals must be those of `refusals`, by name.
void run_file(const json::value& file, const json::object& refusals) {
  std::size_t ran = 0;
  for (const auto& fields : file.at("cases").as_array()) {
    const VectorCase test(fields.as_object());
    const auto outcome = test.run();
    ++ran;
    if (!test.expects_ok()) {
      ASSERT_TRUE(refusals.contains(test.name())) << test.name() << " is not in webauthn_refusals.json";
      EXPECT_EQ(word_of(outcome), text_of(refusals.at(test.name()))) << test.name() << ": " << fields.at("why");
      continue;
    }
    ASSERT_EQ(word_of(outcome), "ok") << test.name();
    const json::object& result = fields.at("result").as_object();
    if (test.is_registration()) {
      expect_registration(std::get<Registration>(outcome), result, test.name());
    } else {
      expect_assertion(std::get<Assertion>(outcome), result, test.name());
    }
  }
  EXPECT_GT(ran, 0U);
  std::cout << ran << " cases\n";
}

// A model that is revoked is refused, whoever vouches for it; a statement without a certificate names no model.
// [WA-R19]
TEST(WebauthnVectors, WhatSpeaksAgainstAModelRefusesIt) {
  std::size_t refused = 0;
  const auto file = own_vectors("webauthn_w3c.json");
  for (const auto& fields : file.at("cases").as_array()) {
    VectorCase test(fields.as_object());
    if (!test.is_registration() || !test.expects_ok()) continue;
    test.speak_against_all();
    const auto type = text_of(fields.at("result").at("attestation_type"));
    const bool named = type != "none" && type != "self";
    EXPECT_EQ(word_of(test.run()), named ? "authenticator_denied" : "ok") << test.name();
    if (named) ++refused;
  }
  EXPECT_GT(refused, 0U);
}

TEST(WebauthnVectors, OfTheStandard) { run_file(own_vectors("webauthn_w3c.json"), {}); }

TEST(WebauthnVectors, WithOneDefectEach) {
  run_file(own_vectors("webauthn_generated.json"), own_vectors("webauthn_refusals.json").at("refusals").as_object());
}

// [WA-A8, WA-A10] What a relying party that only reports anomalies takes, and a strict one refuses: these, and nothing
// else.
TEST(WebauthnVectors, ReportedInsteadOfRefusedTheseDiffer) {
  std::set<std::string> differ;
  for (const char* name : {"webauthn_w3c.json", "webauthn_generated.json"}) {
    const auto file = own_vectors(name);
    for (const auto& fields : file.at("cases").as_array()) {
      VectorCase test(fields.as_object());
      const std::string strict = word_of(test.run());
      test.report_anomalies();
      if (word_of(test.run()) != strict) differ.insert(test.name());
    }
  }
  EXPECT_EQ(differ,
            (std::set<std::string>{"gen-auth-bad-be-gained", "gen-auth-bad-be-lost", "gen-auth-bad-counter-equal",
                                   "gen-auth-bad-counter-lower", "gen-auth-bad-counter-to-zero"}));
}

TEST(WebauthnVectors, OfRealAuthenticators) {
  const auto file = extra_vectors("webauthn_libraries.json");
  if (file) run_file(*file, {});
}

/// The caller's part in a sequence: a challenge is spent by its first answer, the counter moves after a success.
TEST(WebauthnVectors, SeveralAnswersInARow) {
  const json::value file = own_vectors("webauthn_sequences.json");
  for (const auto& fields : file.at("cases").as_array()) {
    const VectorCase sequence(fields.as_object());
    std::set<std::string> spent;
    auto sign_count = fields.at("credential").at("sign_count").to_number<std::uint32_t>();
    for (const auto& step : fields.at("steps").as_array()) {
      const bool fresh = spent.insert(text_of(step.at("challenge"))).second;
      const auto outcome = sequence.run_step(step.as_object(), sign_count);
      const auto* const assertion = std::get_if<Assertion>(&outcome);
      EXPECT_EQ(fresh && assertion != nullptr, step.at("expect") == "ok") << sequence.name() << ": " << step.at("why");
      if (fresh && assertion != nullptr) sign_count = assertion->sign_count;
    }
  }
}

}  // namespace
}  // namespace countersign::webauthn
