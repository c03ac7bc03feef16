#include <fmt/format.h>

#include <algorithm>

#include "main/config/parts.h"
#include "main/config/sources.h"

namespace countersign::main {

namespace {

constexpr std::string_view kRuleOutcomes = "one of allow, note, another_kind, review, refuse";
constexpr std::string_view kPointsForm = "one of hold, send, enrol, approve, claim";

risk::Points points_of_names(Section& section) {
  std::vector<risk::Point> points;
  section.parsed_list("points", points, risk::parse_point, kPointsForm);
  if (section.has("points") && points.empty())
    section.fail("points", "must name at least one; leave it out for all points");
  if (points.empty()) return risk::Points::all();
  risk::Points all;
  for (const auto point : points) all.add(point);
  return all;
}

void read_rule(Section section, RiskConfig& out) {
  RiskRuleConfig rule;
  std::string name;
  section.text("name", name);
  if (!risk::is_rule_name(name)) section.fail("name", "must be 1 to 64 lower-case letters, digits, _ - or .");
  section.text("account", rule.account);
  section.text("service", rule.service);
  const auto points = points_of_names(section);
  std::string when;
  section.text("when", when);
  const auto parsed = risk::Expression::parse(when);
  if (!parsed) section.fail("when", fmt::format("is wrong at {}", risk::to_text(parsed.error())));
  risk::Outcome outcome = risk::Outcome::kNote;
  if (!section.has("outcome")) section.fail_here(fmt::format("needs outcome, {}", kRuleOutcomes));
  section.parsed("outcome", outcome, risk::parse_outcome, kRuleOutcomes);
  bool shadow = false;
  bool advisory = false;
  section.flag("shadow", shadow);
  section.flag("advisory", advisory);
  section.finish();
  if (!parsed) return;
  rule.rule = risk::Rule{name, points, *parsed, outcome, shadow, advisory};
  const auto is_same = [&](const RiskRuleConfig& other) {
    return other.rule->name == name && other.account == rule.account && other.service == rule.service;
  };
  if (std::ranges::any_of(out.rules, is_same)) section.fail("name", "is the name of another rule; choose another");
  out.rules.push_back(std::move(rule));
}

void read_change(const std::string& name, Section section, RiskConfig& out) {
  const auto& built_in = risk::built_in_rules();
  if (std::ranges::find(built_in, name, &risk::Rule::name) == built_in.end()) {
    std::vector<std::string> names;
    for (const auto& rule : built_in) names.push_back(rule.name);
    const auto meant = nearest(name, names);
    section.fail_here(meant ? fmt::format("names no built-in rule; did you mean {}?", *meant)
                            : "names no built-in rule; docs/fraud.md lists them");
  }
  risk::Change change;
  change.name = name;
  section.flag("off", change.off);
  risk::Outcome outcome = risk::Outcome::kNote;
  if (section.has("outcome")) {
    section.parsed("outcome", outcome, risk::parse_outcome, kRuleOutcomes);
    change.outcome = outcome;
  }
  if (section.has("shadow")) {
    bool shadow = false;
    section.flag("shadow", shadow);
    change.shadow = shadow;
  }
  section.finish();
  out.changes.push_back(std::move(change));
}

}  // namespace

void read_risk_rules(Section& risk, Config& config) {
  auto& out = config.risk;
  for (auto& section : risk.sections("rules")) read_rule(section, out);
  if (out.rules.size() > risk::kRulesMax) risk.fail("rules", fmt::format("must be at most {}", risk::kRulesMax));
  for (auto& [name, section] : risk.named_sections("built_in")) read_change(name, section, out);
  auto reviews = risk.section("reviews");
  reviews.duration("within", out.review_within, std::chrono::minutes(1), std::chrono::hours(7 * 24));
  reviews.flag("by_two", out.review_by_two);
  reviews.finish();
  auto guard = risk.section("guard");
  guard.ratio("share", out.guard.share);
  int people = static_cast<int>(out.guard.people_min);
  constexpr int kPeopleMost = 100'000;
  guard.integer("people", people, 1, kPeopleMost);
  out.guard.people_min = static_cast<std::size_t>(people);
  guard.finish();
}

void check_risk_rules(Section& whole, const Config& config) {
  for (const auto& rule : config.risk.rules) {
    const auto known_account = [&](const AccountConfig& account) { return account.name == rule.account; };
    if (!rule.account.empty() && std::ranges::none_of(config.accounts, known_account))
      whole.fail("risk", fmt::format("has the rule {} for the account \"{}\", which is not there", rule.rule->name,
                                     rule.account));
    const auto known_service = [&](const ServiceConfig& service) {
      return service.name == rule.service && (rule.account.empty() || service.account == rule.account);
    };
    if (!rule.service.empty() && std::ranges::none_of(config.services, known_service))
      whole.fail("risk", fmt::format("has the rule {} for the service \"{}\", which is not there", rule.rule->name,
                                     rule.service));
  }
}

risk::RuleSet risk_rules_of(const RiskConfig& config, std::string_view account, std::string_view service) {
  risk::RuleSet set;
  if (service.empty()) set.changes = config.changes;
  for (const auto& rule : config.rules) {
    if (rule.service == service && (rule.account.empty() || rule.account == account)) set.rules.push_back(*rule.rule);
  }
  return set;
}

Result<std::vector<risk::Rule>, std::string> rules_of_file(std::string_view text, const std::string& file,
                                                           std::string_view account) {
  auto table = parse_toml(text, file);
  if (!table) return fail(table.error().sentence);
  std::vector<Layer> layers(1);  // A copy of a table would not know its lines.
  layers.front().name = file;
  layers.front().table = *std::move(table);
  Reader reader(std::move(layers));
  Section whole(reader);
  Config config;
  auto risk = whole.section("risk");
  read_risk_rules(risk, config);
  if (reader.error()) return fail(reader.error()->sentence);
  auto set = risk_rules_of(config.risk, account, "");
  // Whatever service a rule is for: decisions say of which they were.
  for (const auto& rule : config.risk.rules) {
    if (!rule.service.empty()) set.rules.push_back(*rule.rule);
  }
  return risk::with_changes(risk::built_in_rules(), set.changes, set.rules);
}

std::vector<std::string> doubts_about_rules(const Config& config, const ServiceConfig& service) {
  const auto of_account = risk_rules_of(config.risk, service.account, "");
  const auto of_service = risk_rules_of(config.risk, service.account, service.name);
  auto rules = risk::with_changes(risk::built_in_rules(), of_account.changes, of_account.rules);
  rules = risk::with_changes(rules, {}, of_service.rules);
  return risk::doubts_about(rules);
}

}  // namespace countersign::main
