#include "domain/recovery.h"

#include <gtest/gtest.h>

#include <vector>

#include "domain/factor.h"
#include "some.h"

namespace countersign::domain {
namespace {

RecoverySet set_of(std::size_t codes) {
  RecoverySet set;
  for (std::size_t i = 0; i < codes; ++i) {
    const std::string salt(16, static_cast<char>('a' + i));
    set.codes.push_back({salt, "digest under " + salt + " of code " + std::to_string(i)});
  }
  return set;
}

/// The typed code's digest, as the use case makes it.
auto typed(std::size_t code, std::vector<std::string>& salts) {
  return [code, &salts](std::string_view salt) {
    salts.emplace_back(salt);
    return "digest under " + std::string(salt) + " of code " + std::to_string(code);
  };
}

TEST(RecoverySet, EachCodeIsFoundOnceAndAllAreCompared) {
  RecoverySet set = set_of(kRecoveryCodes);
  for (std::size_t code = 0; code < kRecoveryCodes; ++code) {
    std::vector<std::string> salts;
    const auto found = find_code(set, typed(code, salts));
    EXPECT_EQ(salts.size(), kRecoveryCodes) << "whichever it is";
    ASSERT_EQ(found, code);
    EXPECT_EQ(set.left(), kRecoveryCodes - code);
    set = with_used(std::move(set), *found);
    EXPECT_EQ(set.left(), kRecoveryCodes - code - 1);
    EXPECT_FALSE(find_code(set, typed(code, salts)));
  }
  std::vector<std::string> salts;
  EXPECT_FALSE(find_code(set, typed(3, salts)));
  EXPECT_EQ(salts.size(), kRecoveryCodes) << "a used-up set takes no less time";
}

TEST(RecoverySet, IsNotFoundByACodeOfNone) {
  std::vector<std::string> salts;
  EXPECT_FALSE(find_code(set_of(kRecoveryCodes), typed(77, salts)));
  EXPECT_FALSE(find_code(RecoverySet{}, typed(0, salts)));
  EXPECT_EQ(RecoverySet{}.left(), 0U);
}

TEST(RecoverySet, AsksForANewOneWhenTwoAreLeft) {
  EXPECT_FALSE(asks_for_new_set(10));
  EXPECT_FALSE(asks_for_new_set(3));
  EXPECT_TRUE(asks_for_new_set(2));
  EXPECT_TRUE(asks_for_new_set(0));
}

TEST(RecordCode, CountsFailuresAsAnAppDoes) {
  Factor set;
  set.type = Method::kRecoveryCode;
  set.status = FactorStatus::kActive;
  const FailureRules rules;
  for (int i = 1; i <= 5; ++i) {
    const auto checked = record_code(set, false, rules, kNoon);
    EXPECT_EQ(checked.outcome, FactorOutcome::kWrongCode);
    EXPECT_EQ(checked.locked_until.has_value(), i == 5);
    set = checked.next;
  }
  EXPECT_EQ(why_not_checkable(set, FactorStatus::kActive, kNoon)->outcome, FactorOutcome::kLocked);
  const auto right = record_code(set, true, rules, kNoon + minutes(1));
  EXPECT_EQ(right.outcome, FactorOutcome::kAccepted);
  EXPECT_EQ(right.next.failures, Failures{});
  EXPECT_EQ(right.next.last_step, std::nullopt);
}

}  // namespace
}  // namespace countersign::domain
