#include "usecase/risk/rule_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <string_view>

namespace countersign::usecase {

namespace {

/// Reads one object, and keeps the first fault.
class Reading {
 public:
  /// `object` is null for a value that is none.
  Reading(const json::object* object, std::string place, std::initializer_list<std::string_view> known)
      : place_(std::move(place)), object_(object) {
    if (object_ == nullptr) {
      fault("", "must be an object");
      return;
    }
    for (const auto& member : *object_) {
      if (std::ranges::find(known, std::string_view(member.key())) == known.end())
        fault(member.key(), "is not a known field");
    }
  }

  [[nodiscard]] const json::value* find(std::string_view name) const {
    return object_ == nullptr ? nullptr : object_->if_contains(name);
  }
  std::string text(std::string_view name) {
    const auto* value = find(name);
    if (value != nullptr && value->is_string()) return std::string(value->get_string());
    fault(name, "is required, as text");
    return {};
  }
  std::optional<bool> flag(std::string_view name) {
    const auto* value = find(name);
    if (value == nullptr || value->is_null()) return std::nullopt;
    if (value->is_bool()) return value->get_bool();
    fault(name, "must be true or false");
    return std::nullopt;
  }
  std::optional<risk::Outcome> outcome(std::string_view name) {
    if (find(name) == nullptr) return std::nullopt;
    const auto found = risk::parse_outcome(text(name));
    if (!found) fault(name, "must be allow, note, another_kind, review or refuse");
    return found;
  }
  void fault(std::string_view name, std::string detail) {
    if (problem_) return;
    const std::string dot = place_.empty() || name.empty() ? "" : ".";
    problem_ = Problem{Code::kInvalidField, std::move(detail), place_ + dot + std::string(name)};
  }

  [[nodiscard]] const std::optional<Problem>& problem() const { return problem_; }

 private:
  std::string place_;
  const json::object* object_;
  std::optional<Problem> problem_;
};

Answer<risk::Points> read_points(Reading& in) {
  risk::Points points;
  const auto* list = in.find("points");
  if (list == nullptr || list->is_null()) return risk::Points::all();
  const auto refuse_points = [&] { in.fault("points", "must be a list of hold, send, enrol, approve and claim"); };
  if (!list->is_array()) {
    refuse_points();
    return points;
  }
  for (const auto& one : list->get_array()) {
    const auto point = one.is_string() ? risk::parse_point(std::string_view(one.get_string())) : std::nullopt;
    if (!point) {
      refuse_points();
      return points;
    }
    points.add(*point);
  }
  if (points.empty()) refuse_points();
  return points;
}

Answer<risk::Rule> read_rule(const json::value& value, const std::string& place) {
  Reading in(value.if_object(), place, {"name", "points", "when", "outcome", "shadow", "advisory"});
  const std::string name = in.text("name");
  if (!risk::is_rule_name(name)) in.fault("name", "must be 1 to 64 lower-case letters, digits, _ - or .");
  const auto points = read_points(in);
  const auto when = risk::Expression::parse(in.text("when"));
  if (!when) in.fault("when", risk::to_text(when.error()));
  const auto outcome = in.outcome("outcome");
  if (!outcome) in.fault("outcome", "is required");
  const bool shadow = in.flag("shadow").value_or(false);
  const bool advisory = in.flag("advisory").value_or(false);
  if (in.problem()) return fail(*in.problem());
  return risk::Rule{name, *points, *when, *outcome, shadow, advisory};
}

json::array points_json(const risk::Points& points) {
  json::array list;
  for (std::size_t p = 0; p < risk::kPoints; ++p) {
    const auto point = static_cast<risk::Point>(p);
    if (points.contains(point)) list.emplace_back(risk::to_text(point));
  }
  return list;
}

Answer<std::vector<risk::Change>> read_changes(const json::value& value) {
  std::vector<risk::Change> changes;
  if (!value.is_object()) return refuse_field("changes", "must be an object");
  if (value.get_object().size() > risk::kRulesMax)
    return refuse_field("changes", fmt::format("must be at most {}", risk::kRulesMax));
  for (const auto& member : value.get_object()) {
    const std::string name(member.key());
    Reading in(member.value().if_object(), fmt::format("changes.{}", risk::is_rule_name(name) ? name : "NAME"),
               {"off", "outcome", "shadow"});
    if (!risk::is_rule_name(name)) in.fault("", "is no name of a rule");
    changes.push_back({name, in.flag("off").value_or(false), in.outcome("outcome"), in.flag("shadow")});
    if (in.problem()) return fail(*in.problem());
  }
  return changes;
}

}  // namespace

Answer<risk::RuleSet> read_rule_set(const json::object& body) {
  Reading in(&body, "", {"changes", "rules"});
  if (in.problem()) return fail(*in.problem());
  risk::RuleSet set;
  if (const auto* changes = body.if_contains("changes")) {
    auto read = read_changes(*changes);
    if (!read) return fail(read.error());
    set.changes = *std::move(read);
  }
  const auto* rules = body.if_contains("rules");
  if (rules == nullptr) return set;
  if (!rules->is_array() || rules->get_array().size() > risk::kRulesMax)
    return refuse_field("rules", fmt::format("must be a list of at most {}", risk::kRulesMax));
  for (std::size_t i = 0; i < rules->get_array().size(); ++i) {
    auto rule = read_rule(rules->get_array()[i], fmt::format("rules[{}]", i));
    if (!rule) return fail(rule.error());
    if (std::ranges::find(set.rules, rule->name, &risk::Rule::name) != set.rules.end())
      return refuse_field(fmt::format("rules[{}].name", i), "is the name of another rule of the list");
    set.rules.push_back(*std::move(rule));
  }
  return set;
}

json::object to_json(const risk::Rule& rule) {
  return {{"name", rule.name},        {"points", points_json(rule.points)},
          {"when", rule.when.text()}, {"outcome", risk::to_text(rule.outcome)},
          {"shadow", rule.shadow},    {"advisory", rule.advisory}};
}

json::object to_json(const risk::RuleSet& set) {
  json::object changes;
  for (const auto& change : set.changes) {
    json::object one{{"off", change.off}};
    if (change.outcome) one["outcome"] = risk::to_text(*change.outcome);
    if (change.shadow) one["shadow"] = *change.shadow;
    changes[change.name] = std::move(one);
  }
  json::array rules;
  for (const auto& rule : set.rules) rules.push_back(to_json(rule));
  return {{"changes", std::move(changes)}, {"rules", std::move(rules)}};
}

}  // namespace countersign::usecase
