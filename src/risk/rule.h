#pragma once

#include <bitset>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "risk/decision.h"
#include "risk/expression.h"

namespace countersign::risk {

inline constexpr std::size_t kRulesMax = 100;  ///< Of one list.
inline constexpr std::size_t kRuleNameMax = 64;
inline constexpr std::size_t kPoints = static_cast<std::size_t>(Point::kClaim) + 1;

/// A set of points.
class Points {
 public:
  constexpr Points() = default;
  constexpr Points(std::initializer_list<Point> points) {
    for (const auto point : points) bits_ |= bit(point);
  }
  [[nodiscard]] static constexpr Points all() {
    return {Point::kHold, Point::kSend, Point::kEnrol, Point::kApprove, Point::kClaim};
  }
  constexpr void add(Point point) { bits_ |= bit(point); }
  [[nodiscard]] constexpr bool contains(Point point) const { return (bits_ & bit(point)) != 0; }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  [[nodiscard]] constexpr bool overlaps(const Points& other) const { return (bits_ & other.bits_) != 0; }
  friend constexpr bool operator==(const Points&, const Points&) = default;

 private:
  static constexpr unsigned bit(Point point) { return 1U << static_cast<unsigned>(point); }
  unsigned bits_ = 0;
};

/// `name`s are lower-case letters, digits, `_`, `-` and `.`, at most kRuleNameMax.
[[nodiscard]] bool is_rule_name(std::string_view name);

struct Rule {
  std::string name;
  Points points = Points::all();
  Expression when;
  Outcome outcome = Outcome::kNote;
  bool shadow = false;
  bool advisory = false;
};

/// What the rules say at this point, in their order.
[[nodiscard]] std::vector<Match> judge(const std::vector<Rule>& rules, Point point, const Features& features);

/// The rules about trust that hold unless they are changed by name (docs/fraud.md). All advisory: they are about single
/// people. What a stranger can raise (prompts, failures, counts of an address) is held against nobody who comes from a
/// device and a network of her own. [STD-20]
[[nodiscard]] const std::vector<Rule>& built_in_rules();

/// A built-in rule that is changed by its name.
struct Change {
  std::string name;
  bool off = false;
  std::optional<Outcome> outcome = {};
  std::optional<bool> shadow = {};
};

/// As an operator writes them: changes of rules that are there by name, and rules of his own.
struct RuleSet {
  std::vector<Change> changes = {};
  std::vector<Rule> rules = {};
};

/// `base` as changed, and then `own`. A change that names none of `base` is ignored; of two rules with one name, the
/// later one holds.
[[nodiscard]] std::vector<Rule> with_changes(const std::vector<Rule>& base, const std::vector<Change>& changes,
                                             const std::vector<Rule>& own);

/// What an operator should know about his rules, in sentences: the same condition with two outcomes at one point, a
/// rule that is not only noted and matches everybody, a rule at points where no feature that it asks for is known.
[[nodiscard]] std::vector<std::string> doubts_about(const std::vector<Rule>& rules);

/// Where the feature can be known.
[[nodiscard]] Points points_of(Feature feature);

}  // namespace countersign::risk
