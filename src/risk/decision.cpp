#include "risk/decision.h"

#include <algorithm>
#include <array>
#include <utility>

namespace countersign::risk {

namespace {

constexpr std::array<std::string_view, 5> kPointNames = {"hold", "send", "enrol", "approve", "claim"};
constexpr std::array<std::string_view, 5> kOutcomeNames = {"allow", "note", "another_kind", "review", "refuse"};
constexpr std::array<std::string_view, 6> kAllowReasonNames = {"proved_contact", "safe_list", "risk_check_disabled",
                                                               "shadow",         "fell_back", "operator"};

template <class Enum, std::size_t N>
std::optional<Enum> find_name(const std::array<std::string_view, N>& names, std::string_view text) {
  const auto* const found = std::ranges::find(names, text);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

/// Why this match does not decide; nullopt if it does.
std::optional<AllowReason> set_aside(Point point, const Match& match, const Leniency& leniency) {
  if (match.shadow) return AllowReason::kShadow;
  if (leniency.operator_allowed && match.outcome > Outcome::kNote) return AllowReason::kOperator;
  if (point == Point::kSend && leniency.proved_contact) return AllowReason::kProvedContact;
  if (match.advisory && leniency.safe_listed) return AllowReason::kSafeList;
  if (match.advisory && leniency.risk_check_disabled) return AllowReason::kRiskCheckDisabled;
  return std::nullopt;
}

}  // namespace

std::string_view to_text(Point point) { return kPointNames.at(static_cast<std::size_t>(point)); }
std::optional<Point> parse_point(std::string_view text) { return find_name<Point>(kPointNames, text); }
std::string_view to_text(Outcome outcome) { return kOutcomeNames.at(static_cast<std::size_t>(outcome)); }
std::optional<Outcome> parse_outcome(std::string_view text) { return find_name<Outcome>(kOutcomeNames, text); }
std::string_view to_text(AllowReason reason) { return kAllowReasonNames.at(static_cast<std::size_t>(reason)); }

Decision decide(Point point, std::vector<Match> matches, const Leniency& leniency) {
  Decision decision;
  decision.point = point;
  Outcome hardest_aside = Outcome::kAllow;
  std::optional<AllowReason> reason;
  for (const auto& match : matches) {
    if (const auto aside = set_aside(point, match, leniency)) {
      if (match.outcome > hardest_aside) {
        hardest_aside = match.outcome;
        reason = aside;
      }
      continue;
    }
    const bool fell_back = match.outcome > Outcome::kAnotherKind &&
                           std::ranges::find(leniency.fell_back, match.rule) != leniency.fell_back.end();
    if (fell_back && match.outcome > hardest_aside) {
      hardest_aside = match.outcome;
      reason = AllowReason::kFellBack;
    }
    decision.outcome = std::max(decision.outcome, fell_back ? Outcome::kAnotherKind : match.outcome);
  }
  if (hardest_aside > decision.outcome) decision.allow_reason = reason;
  decision.matches = std::move(matches);
  return decision;
}

}  // namespace countersign::risk
