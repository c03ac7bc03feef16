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
  EXPECT_EQ(fault_of(R"({"rules": [{"name": "a", "when": "true", "outcome": "note", "points": []}]})"),
            "rules[0].points: must be a list of hold, send, enrol, approve and claim");
  EXPECT_EQ(fault_of(R"({"changes": {"No Name": {"off": true}}})"), "changes.NAME: is no name of a rule");
}

TEST(RuleSet, ThereIsAnEndToIt) {
  const auto of = [](std::size_t count) {
    json::array rules;
    json::object changes;
    for (std::size_t i = 0; i < count; ++i) {
      const std::string name = "r" + std::to_string(i);
      rules.push_back(json::object{{"name", name}, {"when", "true"}, {"outcome", "note"}});
      changes[name] = json::object{{"off", true}};
    }
    return std::pair(canonical_json(json::object{{"rules", rules}}),
                     canonical_json(json::object{{"changes", changes}}));
  };
  EXPECT_TRUE(read(of(100).first) && read(of(100).second));
  for (const std::size_t count : {std::size_t{101}, std::size_t{100'000}}) {
    EXPECT_EQ(fault_of(of(count).first), "rules: must be a list of at most 100");
    EXPECT_EQ(fault_of(of(count).second), "changes: must be at most 100");
  }
}

}  // namespace
}  // namespace countersign::usecase
