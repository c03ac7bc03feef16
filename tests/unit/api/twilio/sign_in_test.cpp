#include <gtest/gtest.h>

#include "api/twilio/auth_tokens.h"
#include "api/twilio/fetch_limits.h"
#include "support/fake_time.h"

namespace countersign::api::twilio {
namespace {

using usecase::verify_api::AuthTokenPair;
using usecase::verify_api::test_token;

constexpr auto kLive = AuthTokens::Match::kLive;
constexpr auto kTest = AuthTokens::Match::kTest;

class TwilioTokens : public ::testing::Test {
 protected:
  countersign::testing::FakeClock clock_;
  countersign::testing::SeededRandom random_;
  Moment moment_{clock_.now(), random_};
  AccountId account_ = AccountId::make(moment_);
  SecretString first_{std::string(32, 'a')};
  SecretString second_{std::string(32, 'b')};
  AuthTokens tokens_;

  auto with(const std::string& password) { return tokens_.find(account_.text(), password); }
};

TEST_F(TwilioTokens, BothAreGoodWhileOneReplacesTheOther) {
  tokens_.replace({{account_, {first_, std::nullopt}}});
  EXPECT_EQ(with(first_.expose()), kLive);
  EXPECT_EQ(with(second_.expose()), std::nullopt);
  tokens_.replace({{account_, {first_, second_}}});
  EXPECT_EQ(with(first_.expose()), kLive);
  EXPECT_EQ(with(second_.expose()), kLive);
  tokens_.replace({{account_, {second_, std::nullopt}}});
  EXPECT_EQ(with(first_.expose()), std::nullopt);
  EXPECT_EQ(with(second_.expose()), kLive);
}

TEST_F(TwilioTokens, TheTestTokenFollowsFromTheFirst) {
  tokens_.replace({{account_, {first_, second_}}});
  const auto test = test_token(first_);
  EXPECT_EQ(test.expose().size(), 32U);
  EXPECT_EQ(test.expose().find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(with(test.expose()), kTest);
  EXPECT_EQ(with(test_token(second_).expose()), std::nullopt);
}

TEST_F(TwilioTokens, NobodyElseGetsIn) {
  EXPECT_EQ(with(first_.expose()), std::nullopt) << "an account without a token";
  EXPECT_EQ(with(std::string(32, ' ')), std::nullopt) << "what unknown accounts are compared with";
  tokens_.replace({{account_, {first_, std::nullopt}}});
  EXPECT_EQ(with(std::string(32, ' ')), std::nullopt) << "and absent second tokens";
  EXPECT_EQ(with(""), std::nullopt);
  EXPECT_EQ(tokens_.find("AC1", first_.expose()), std::nullopt);
  EXPECT_EQ(tokens_.find(AccountId::make(moment_).text(), first_.expose()), std::nullopt);
}

class TwilioFetchLimits : public TwilioTokens {
 protected:
  /// Looks that often, and answers whether all were allowed.
  bool look(int times, const VerificationId& id) {
    for (int i = 0; i < times; ++i) {
      if (limits_.count(id, clock_.now())) return false;
    }
    return true;
  }
  FetchLimits limits_{4};
  VerificationId one_ = VerificationId::make(moment_);
};

TEST_F(TwilioFetchLimits, SixtyAMinuteManyAnHourFewerADay) {
  EXPECT_TRUE(look(60, one_));
  const auto wait = limits_.count(one_, clock_.now());
  ASSERT_TRUE(wait);
  EXPECT_EQ(*wait, std::chrono::minutes(1));
  EXPECT_TRUE(look(1, VerificationId::make(moment_))) << "each for itself";
  for (int minute = 1; minute < 3; ++minute) {
    clock_.advance(std::chrono::minutes(1));
    EXPECT_TRUE(look(60, one_)) << minute;
  }
  clock_.advance(std::chrono::minutes(1));
  EXPECT_EQ(limits_.count(one_, clock_.now()), std::chrono::minutes(57)) << "180 in an hour";
  clock_.advance(std::chrono::minutes(57));
  EXPECT_TRUE(look(60, one_));
  clock_.advance(std::chrono::minutes(1));
  EXPECT_TRUE(look(10, one_));
  EXPECT_EQ(limits_.count(one_, clock_.now()), std::chrono::minutes(24 * 60 - 61)) << "250 in a day";
}

TEST_F(TwilioFetchLimits, MemoryIsBounded) {
  EXPECT_TRUE(look(60, one_));
  EXPECT_FALSE(look(1, one_));
  for (int i = 0; i < 4; ++i) {
    clock_.advance(std::chrono::milliseconds(1));
    Moment now{clock_.now(), random_};
    EXPECT_TRUE(look(1, VerificationId::make(now)));
  }
  EXPECT_TRUE(look(1, one_)) << "the oldest was forgotten";
}

}  // namespace
}  // namespace countersign::api::twilio
