#include "usecase/risk/rule_set.h"

#include <gtest/gtest.h>

namespace countersign::usecase {
namespace {

Answer<risk::RuleSet> read(std::string_view text) { return read_rule_set(parse_json(text)->get_object()); }

std::string fault_of(std::string_view text) {
  const auto set = read(text);
  return set ? "none" : set.error().field + ": " + set.error().detail;
}

TEST(RuleSet, IsReadAsItIsWritten) {
  const auto set =
      read(R"({"changes": {"many_holds": {"off": true}, "sim_swapped": {"outcome": "review", "shadow": true}},
      "rules": [{"name": "night", "points": ["hold", "claim"], "when": "local_hour >= 22 && amount > 1000",
                 "outcome": "another_kind", "advisory": true}]})");
  ASSERT_TRUE(set);
  const auto text = canonical_json(to_json(*set));
  EXPECT_EQ(canonical_json(to_json(*read(text))), text);
  EXPECT_EQ(set->rules.at(0).points, (risk::Points{risk::Point::kHold, risk::Point::kClaim}));
  EXPECT_EQ(set->changes.size(), 2U);
  EXPECT_TRUE(read("{}"));
}

TEST(RuleSet, AFaultNamesItsPlace) {
  EXPECT_EQ(fault_of(R"({"rules": [{"name": "a", "when": "amont > 1", "outcome": "note"}]})"),
            "rules[0].when: column 1: amont is not known; did you mean amount?");
  EXPECT_EQ(fault_of(R"({"rules": [{"name": "a", "when": "true", "outcome": "deny"}]})"),
            "rules[0].outcome: must be allow, note, another_kind, review or refuse");
  EXPECT_EQ(fault_of(R"({"rules": [{"name": "a", "when": "true"}]})"), "rules[0].outcome: is required");
  EXPECT_EQ(fault_of(R"({"rules": [{"name": "A", "when": "true", "outcome": "note"}]})"),
            "rules[0].name: must be 1 to 64 lower-case letters, digits, _ - or .");
  EXPECT_EQ(fault_of(R"({"rules": [{"name": "a", "when": "true", "outcome": "note", "points": ["claims"]}]})"),
            "rules[0].points: must be a list of hold, send, enrol, approve and claim");
  EXPECT_EQ(fault_of(R"({"rules": [{"name": "a", "when": "true", "outcome": "note", "extra": 1}]})"),
            "rules[0].extra: is not a known field");
  EXPECT_EQ(fault_of(R"({"rules": [1]})"), "rules[0]: must be an object");
  EXPECT_EQ(fault_of(R"({"rule": []})"), "rule: is not a known field");
  EXPECT_EQ(fault_of(R"({"changes": {"a": {"off": 1}}})"), "changes.a.off: must be true or false");
  EXPECT_EQ(fault_of(R"({"rules": [{"name": "a", "when": "true", "outcome": "note"},
                                   {"name": "a", "when": "true", "outcome": "note"}]})"),
            "rules[1].name: is the name of another rule of the list");
}

}  // namespace
}  // namespace countersign::usecase
