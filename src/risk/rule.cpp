#include "risk/rule.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"

namespace countersign::risk {

namespace {

constexpr Points kEverywhere = Points::all();
constexpr Points kAtSend{Point::kSend};
constexpr Points kOfTransactions{Point::kHold, Point::kApprove, Point::kClaim};
constexpr Points kOfPeople{Point::kHold, Point::kEnrol, Point::kApprove, Point::kClaim};

std::string_view first_of(Points points) {
  for (std::size_t p = 0; p < kPoints; ++p) {
    if (points.contains(static_cast<Point>(p))) return to_text(static_cast<Point>(p));
  }
  return "";
}

/// The points at which both hold.
Points common(Points a, Points b) {
  Points both;
  for (std::size_t p = 0; p < kPoints; ++p) {
    const auto point = static_cast<Point>(p);
    if (a.contains(point) && b.contains(point)) both.add(point);
  }
  return both;
}

bool asks_only_elsewhere(const Rule& rule, Point point) {
  bool asks = false;
  for (std::size_t f = 0; f < kFeatures; ++f) {
    const auto feature = static_cast<Feature>(f);
    if (!rule.when.asks(feature)) continue;
    if (points_of(feature).contains(point)) return false;
    asks = true;
  }
  return asks;
}

/// What a signal from outside tells, and the rule asks for where no signal is asked; empty: nothing.
std::string_view signal_missing_at(const Rule& rule, Point point) {
  if (kOfTransactions.contains(point)) return "";
  for (const Feature feature : {Feature::kSimSwapHours, Feature::kModelScore}) {
    if (rule.when.asks(feature)) return info(feature).name;
  }
  return rule.when.asks(Word::kLineType) ? to_text(Word::kLineType) : "";
}

}  // namespace

bool is_rule_name(std::string_view name) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '_' || c == '-' || c == '.'; };
  return !name.empty() && name.size() <= kRuleNameMax && std::ranges::all_of(name, fits);
}

std::vector<Match> judge(const std::vector<Rule>& rules, Point point, const Features& features) {
  std::vector<Match> matches;
  for (const Rule& rule : rules) {
    if (!rule.points.contains(point) || !rule.when.matches(point, features)) continue;
    matches.push_back({rule.name, rule.outcome, rule.shadow, rule.advisory, rule.when.figures(point, features)});
  }
  return matches;
}

std::vector<Rule> with_changes(const std::vector<Rule>& base, const std::vector<Change>& changes,
                               const std::vector<Rule>& own) {
  std::vector<Rule> rules;
  for (const Rule& rule : base) {
    if (std::ranges::find(own, rule.name, &Rule::name) != own.end()) continue;
    Rule changed = rule;
    bool off = false;
    for (const Change& change : changes) {
      if (change.name != rule.name) continue;
      off = change.off;
      changed.outcome = change.outcome.value_or(changed.outcome);
      changed.shadow = change.shadow.value_or(changed.shadow);
    }
    if (!off) rules.push_back(std::move(changed));
  }
  rules.insert(rules.end(), own.begin(), own.end());
  return rules;
}

std::vector<std::string> doubts_about(const std::vector<Rule>& rules) {
  std::vector<std::string> doubts;
  for (auto rule = rules.begin(); rule != rules.end(); ++rule) {
    for (std::size_t p = 0; p < kPoints; ++p) {
      const auto point = static_cast<Point>(p);
      if (!rule->points.contains(point)) continue;
      if (rule->outcome > Outcome::kNote && rule->when.matches_everybody(point)) {
        doubts.push_back(
            fmt::format("the rule {} matches everybody at {}: {}", rule->name, to_text(point), to_text(rule->outcome)));
        break;
      }
      if (rule->points != Points::all() && asks_only_elsewhere(*rule, point)) {
        doubts.push_back(fmt::format("the rule {} never matches at {}: nothing that it asks for is known there",
                                     rule->name, to_text(point)));
        continue;
      }
      const auto missing = rule->points == Points::all() ? "" : signal_missing_at(*rule, point);
      if (!missing.empty()) {
        doubts.push_back(
            fmt::format("the rule {} asks at {} for {}, which is never known there: signals are asked "
                        "before a hold",
                        rule->name, to_text(point), missing));
      }
    }
    for (auto other = std::next(rule); other != rules.end(); ++other) {
      const Points both = common(rule->points, other->points);
      if (both.empty() || rule->outcome == other->outcome || !rule->when.says_the_same_as(other->when)) continue;
      doubts.push_back(fmt::format("the rules {} and {} have the same condition and two outcomes at {}: {} holds",
                                   rule->name, other->name, first_of(both),
                                   to_text(std::max(rule->outcome, other->outcome))));
    }
  }
  return doubts;
}

Points points_of(Feature feature) {
  switch (feature) {
    case Feature::kProvedContact:
    case Feature::kContactAgeHours:
    case Feature::kCountryUnverifiedDay:
    case Feature::kCountryUnverifiedHour:
    case Feature::kCountryVerifiedDay:
    case Feature::kCountryVerifiedMax:
    case Feature::kPrefixUnverifiedDay:
    case Feature::kPrefixUnverifiedHour:
    case Feature::kPrefixVerifiedMax:
    case Feature::kRangeUnverifiedDay:
    case Feature::kAddressUnverifiedDay:
    case Feature::kAddressUnverifiedHour:
    case Feature::kAddressVerifiedDay:
    case Feature::kAddressCountriesDay:
    case Feature::kNetworkUnverifiedDay:
    case Feature::kNetworkVerifiedDay:
      return kAtSend;
    case Feature::kEstablished:
    case Feature::kEstablishedDays:
    case Feature::kContactsChangedHours:
    case Feature::kNewNetwork:
    case Feature::kSubjectAddressesDay:
    case Feature::kPromptsHour:
    case Feature::kDenialsDay:
    case Feature::kRecoveryFailuresDay:
      return kOfPeople;
    case Feature::kNewDevice:
    case Feature::kDeviceSubjectsDay:
    case Feature::kAddressSubjectsDay:
    case Feature::kPayoutSubjects:
    case Feature::kHoldsDay:
    case Feature::kAmountDay:
    case Feature::kAmount:
    case Feature::kSimSwapHours:
    case Feature::kModelScore:
      return kOfTransactions;
    case Feature::kApprovalSeconds:
      return {Point::kApprove, Point::kClaim};
    case Feature::kLocalHour:
      return kEverywhere;
  }
  return kEverywhere;
}

}  // namespace countersign::risk
