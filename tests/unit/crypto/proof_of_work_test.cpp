#include "crypto/proof_of_work.h"

#include <gtest/gtest.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/encoding.h"
#include "base/json.h"
#include "crypto/openssl.h"
#include "support/fake_time.h"
#include "support/vectors.h"

namespace countersign::crypto {
namespace {

const PowSecrets kSecrets{"the signature secret", "the key secret"};

class ProofOfWork : public ::testing::Test {
 protected:
  json::object made(std::uint32_t counter = 2, std::string_view bound_to = "a page") {
    const auto text = make_pow_challenge(kSecrets,
                                         {std::string(bound_to), clock_.now() + std::chrono::minutes(5),
                                          clock_.now() + std::chrono::seconds(30), 10, counter, counter},
                                         random_);
    return parse_json(text)->get_object();
  }
  /// As a browser does.
  static std::string solved_key(const json::object& challenge) {
    const auto& parameters = challenge.at("parameters").as_object();
    const auto nonce = *from_hex(json_text_or_empty(parameters, "nonce"));
    const auto salt = *from_hex(json_text_or_empty(parameters, "salt"));
    for (char counter = 0; counter < 100; ++counter) {
      const std::string password = nonce + std::string(3, '\0') + counter;
      std::string key(32, '\0');
      EXPECT_EQ(PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                                  reinterpret_cast<const unsigned char*>(salt.data()), static_cast<int>(salt.size()),
                                  static_cast<int>(*json_integer(parameters, "cost")), EVP_sha256(), 32,
                                  reinterpret_cast<unsigned char*>(key.data())),
                1);
      if (to_hex(key).starts_with(json_text_or_empty(parameters, "keyPrefix"))) return to_hex(key);
    }
    ADD_FAILURE() << "no solution";
    return {};
  }
  static std::string payload(const json::object& challenge, std::string_view key) {
    return to_base64(canonical_json(
        json::object{{"challenge", challenge}, {"solution", json::object{{"counter", 2}, {"derivedKey", key}}}}));
  }
  std::optional<PowFault> fault(std::string_view text, std::string_view bound_to = "a page") {
    const auto solved = check_pow(kSecrets, text, bound_to, clock_.now());
    return solved ? std::nullopt : std::optional(solved.error());
  }

  testing::FakeClock clock_;
  testing::SeededRandom random_;
};

TEST_F(ProofOfWork, IsSolvedByTryingCounters) {
  for (const std::uint32_t counter : {0U, 1U, 40U}) {
    const auto challenge = made(counter);
    const auto solved = check_pow(kSecrets, payload(challenge, solved_key(challenge)), "a page", clock_.now());
    ASSERT_TRUE(solved);
    EXPECT_EQ(to_hex(solved->nonce), json_text_or_empty(challenge.at("parameters").as_object(), "nonce"));
  }
}

TEST_F(ProofOfWork, IsForItsPageAloneAndUntilItsEnd) {
  const auto challenge = made();
  const auto text = payload(challenge, solved_key(challenge));
  EXPECT_EQ(fault(text, "another page"), PowFault::kElsewhere);
  clock_.advance(std::chrono::minutes(5) - std::chrono::seconds(1));
  EXPECT_EQ(fault(text), std::nullopt);
  clock_.advance(std::chrono::seconds(1));
  EXPECT_EQ(fault(text), PowFault::kExpired);
}

// A browser without scripts waits instead.
TEST_F(ProofOfWork, WithoutASolutionItIsWaitedFor) {
  const auto text = unsolved_pow(canonical_json(made()));
  EXPECT_EQ(fault(text), PowFault::kTooEarly);
  clock_.advance(std::chrono::seconds(30) - Duration(1));
  EXPECT_EQ(fault(text), PowFault::kTooEarly);
  clock_.advance(std::chrono::seconds(1));
  EXPECT_EQ(fault(text), std::nullopt);
  EXPECT_EQ(fault(text, "another page"), PowFault::kElsewhere);
  clock_.advance(std::chrono::minutes(5));
  EXPECT_EQ(fault(text), PowFault::kExpired);
  auto changed = made();
  changed["parameters"].as_object()["data"].as_object()["from"] = 0;
  EXPECT_EQ(fault(unsolved_pow(canonical_json(changed))), PowFault::kForged);
}

// Less work, a later end, another page: nothing can be changed, added or left out.
TEST_F(ProofOfWork, NothingOfItCanBeChanged) {
  const auto challenge = made();
  const auto key = solved_key(challenge);
  const auto with = [&](std::string_view name, json::value value) {
    auto changed = challenge;
    changed["parameters"].as_object()[name] = std::move(value);
    return payload(changed, key);
  };
  EXPECT_EQ(fault(with("cost", 1)), PowFault::kForged);
  EXPECT_EQ(fault(with("keyPrefix", "00")), PowFault::kForged);
  EXPECT_EQ(fault(with("expiresAt", 9'999'999'999)), PowFault::kForged);
  EXPECT_EQ(fault(with("keySignature", json::value(std::string(64, '0')))), PowFault::kForged);
  EXPECT_EQ(fault(with("more", 1)), PowFault::kForged);
  auto without = challenge;
  without["parameters"].as_object().erase("keySignature");
  EXPECT_EQ(fault(payload(without, key)), PowFault::kForged);
  without = challenge;
  without.erase("signature");
  EXPECT_EQ(fault(payload(without, key)), PowFault::kForged);
}

TEST_F(ProofOfWork, AnotherSolutionIsWrong) {
  const auto challenge = made();
  const auto other = made();
  EXPECT_EQ(fault(payload(challenge, solved_key(other))), PowFault::kWrong);
  const auto prefix = json_text_or_empty(challenge.at("parameters").as_object(), "keyPrefix");
  EXPECT_EQ(fault(payload(challenge, prefix)), PowFault::kWrong);
  EXPECT_EQ(fault(payload(challenge, prefix + prefix)), PowFault::kWrong);
  EXPECT_EQ(fault(payload(challenge, "")), PowFault::kWrong);
  EXPECT_EQ(fault(payload(challenge, "xyz")), PowFault::kWrong);
}

TEST_F(ProofOfWork, WhatIsNoneIsRefused) {
  for (const std::string text : {"", "{}", "x", "[]"}) {
    EXPECT_EQ(fault(text), PowFault::kMalformed) << text;
    EXPECT_EQ(fault(to_base64(text)), PowFault::kMalformed) << text;
  }
  EXPECT_EQ(fault(to_base64(R"({"challenge":{"parameters":1},"solution":{}})")), PowFault::kMalformed);
  EXPECT_EQ(fault(std::string(100'000, 'A')), PowFault::kMalformed);
}

// Made by npm altcha-lib 2.8.0, and solved by it.
TEST_F(ProofOfWork, ThoseOfAltchaAreJudgedAsItDoes) {
  const auto vectors =
      parse_json(testing::read_file(std::filesystem::path(CS_SOURCE_DIR) / "tests/vectors/altcha.json"));
  ASSERT_TRUE(vectors);
  int cases = 0;
  for (const auto& value : vectors->get_object().at("cases").as_array()) {
    const auto& one = value.as_object();
    const auto solved = check_pow(kSecrets, json_text_or_empty(one, "payload"), json_text_or_empty(one, "for"),
                                  WallTime(std::chrono::seconds(*json_integer(one, "now"))));
    EXPECT_EQ(solved.has_value(), one.at("verified").as_bool()) << json_text_or_empty(one, "what");
    ++cases;
  }
  EXPECT_GE(cases, 6);
}

}  // namespace
}  // namespace countersign::crypto
