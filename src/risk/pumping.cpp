#include "risk/pumping.h"

#include <algorithm>
#include <array>
#include <utility>

namespace countersign::risk {

namespace {

constexpr std::array<Duration, 6> kBlockSteps = {std::chrono::minutes(10), std::chrono::hours(1), std::chrono::hours(6),
                                                 std::chrono::hours(24),   std::chrono::days(7),  kPermanently};
constexpr std::size_t kStepsThatConvert = 4;  ///< Up to a day.

double part(double ratio, std::int64_t of) { return ratio * static_cast<double>(of); }

/// Established people of a day there.
std::int64_t known_in(const SendFigures::Place& place) { return place.daily_max; }

std::int64_t usual_in_country(const SendFigures& figures) {
  return std::max(figures.country ? known_in(*figures.country) : 0, figures.expected);
}

/// Not typed, as far as typing counts: newcomers are credited up to what is usual, so that somebody with an app and
/// numbers of his own cannot make a place look good.
std::int32_t unverified(const Counted& counted, double credit) {
  return counted.sent - std::min(counted.newcomers, static_cast<std::int32_t>(credit));
}
/// Where a moment decides, what may be typed yet is held against nobody, and whoever typed has.
std::int32_t settled(const Counted& counted, std::int32_t young) { return counted.sent - counted.newcomers - young; }

std::int32_t unverified_in(const Totals& totals, double credit) {
  return totals.together ? settled(totals.day, totals.young) : unverified(totals.day, credit);
}

struct Limit {
  std::string_view rule;
  Outcome outcome;
  Feature feature;
  double value;  ///< Before this code.
  double limit;
  bool advisory = false;
};

void judge(std::vector<Match>& matches, const Limit& limit) {
  if (limit.value + 1 <= limit.limit) return;
  Match match;
  match.rule = limit.rule;
  match.outcome = limit.outcome;
  match.advisory = limit.advisory;
  match.figures = {{std::string(info(limit.feature).name), limit.value + 1, limit.limit}};
  matches.push_back(std::move(match));
}

double country_day_limit(const SendFigures& figures) {
  return std::max<double>(kCountryDay, part(kDayRatio, usual_in_country(figures)));
}
double country_hour_limit(const SendFigures& figures) {
  // The people whom an operator expects may all come in the first hour.
  return std::max({static_cast<double>(kCountryHour), part(kHourRatio, usual_in_country(figures)),
                   part(kDayRatio, figures.expected)});
}
double prefix_floor(const SendFigures& figures) {
  return std::clamp<double>(part(kPrefixOfCountry, usual_in_country(figures)), kPrefixDayLeast, kPrefixDayMost);
}
double prefix_day_limit(const SendFigures& figures) {
  return std::max(prefix_floor(figures), part(kDayRatio, known_in(*figures.prefix)));
}
double prefix_credit(const SendFigures& figures) {
  return std::max<double>(prefix_floor(figures), static_cast<double>(known_in(*figures.prefix)));
}
double range_credit(const SendFigures& figures) {
  return std::max<double>(static_cast<double>(known_in(*figures.range)),
                          part(kRangeOfCountry, usual_in_country(figures)));
}

/// Of places that are counted together it is not known which is pumped, nor what is usual in one of them: a sale has
/// more prefixes than are told apart, and its people type their codes.
void judge_together(std::string_view rule, Feature feature, const Totals& totals, std::vector<Match>& matches) {
  const double limit = std::max<double>(kTogetherDay, part(kDayRatio, totals.day.sent));
  judge(matches, {rule, Outcome::kRefuse, feature, static_cast<double>(settled(totals.day, totals.young)), limit});
}

void judge_number(const SendFigures& figures, std::vector<Match>& matches) {
  const auto& country = *figures.country;
  const auto usual = static_cast<double>(usual_in_country(figures));
  judge(matches, {kRuleCountryDay, Outcome::kRefuse, Feature::kCountryUnverifiedDay,
                  static_cast<double>(unverified(country.totals.day, usual)), country_day_limit(figures)});
  judge(matches,
        {kRuleCountryHour, Outcome::kAnotherKind, Feature::kCountryUnverifiedHour,
         static_cast<double>(settled(country.totals.hour, country.totals.young)), country_hour_limit(figures)});
  if (figures.prefix && figures.prefix->totals.together) {
    judge_together(kRulePrefixDay, Feature::kPrefixUnverifiedDay, figures.prefix->totals, matches);
  } else if (figures.prefix) {
    const double day = prefix_day_limit(figures);
    const auto& totals = figures.prefix->totals;
    judge(matches, {kRulePrefixDay, Outcome::kRefuse, Feature::kPrefixUnverifiedDay,
                    static_cast<double>(unverified(totals.day, prefix_credit(figures))), day});
    judge(matches, {kRulePrefixHour, Outcome::kRefuse, Feature::kPrefixUnverifiedHour,
                    static_cast<double>(settled(totals.hour, totals.young)), std::max<double>(kCountryHour, day / 3)});
  }
  if (figures.range && figures.range->totals.together) {
    judge_together(kRuleRangeDay, Feature::kRangeUnverifiedDay, figures.range->totals, matches);
  } else if (figures.range) {
    const double limit = std::max({static_cast<double>(kRangeDay), part(kDayRatio, known_in(*figures.range)),
                                   kRangeOfCountry * country_day_limit(figures)});
    judge(matches, {kRuleRangeDay, Outcome::kRefuse, Feature::kRangeUnverifiedDay,
                    static_cast<double>(unverified(figures.range->totals.day, range_credit(figures))), limit});
  }
}

double by_typed(std::int32_t least, const Totals& totals) {
  return std::max<double>(least, part(kTypedRatio, totals.day.newcomers + totals.day.established));
}

}  // namespace

std::int64_t PumpingSettings::expected_in(std::string_view country) const {
  const auto found = expected.find(country);
  return found == expected.end() ? 0 : found->second;
}

std::optional<std::int64_t> exact_ceiling(const SendFigures& figures) {
  if (!figures.country || country_day_limit(figures) > kCountryDay) return std::nullopt;
  const auto credit = std::min<std::int64_t>(figures.country->totals.day.newcomers, usual_in_country(figures));
  return kCountryDay + std::max<std::int64_t>(credit, 0);
}

void describe(const SendFigures& figures, Features& features) {
  const auto set = [&](Feature feature, std::int64_t value) { features.set(feature, static_cast<double>(value)); };
  if (figures.country) {
    const auto& totals = figures.country->totals;
    set(Feature::kCountryUnverifiedDay, unverified(totals.day, static_cast<double>(usual_in_country(figures))));
    set(Feature::kCountryUnverifiedHour, settled(totals.hour, totals.young));
    set(Feature::kCountryVerifiedDay, totals.day.newcomers + totals.day.established);
    set(Feature::kCountryVerifiedMax, figures.country->daily_max);
  }
  if (figures.prefix) {
    const auto& totals = figures.prefix->totals;
    set(Feature::kPrefixUnverifiedDay, unverified_in(totals, prefix_credit(figures)));
    set(Feature::kPrefixUnverifiedHour, settled(totals.hour, totals.young));
    set(Feature::kPrefixVerifiedMax, figures.prefix->daily_max);
  }
  if (figures.range) set(Feature::kRangeUnverifiedDay, unverified_in(figures.range->totals, range_credit(figures)));
  if (figures.address) {
    set(Feature::kAddressUnverifiedDay, settled(figures.address->day, figures.address->young));
    set(Feature::kAddressUnverifiedHour, settled(figures.address->hour, figures.address->young));
    set(Feature::kAddressVerifiedDay, figures.address->day.newcomers + figures.address->day.established);
  }
  if (figures.address_countries) set(Feature::kAddressCountriesDay, *figures.address_countries);
  if (figures.network) {
    set(Feature::kNetworkUnverifiedDay, settled(figures.network->day, figures.network->young));
    set(Feature::kNetworkVerifiedDay, figures.network->day.newcomers + figures.network->day.established);
  }
}

std::vector<Match> pumping_matches(const SendFigures& figures) {
  std::vector<Match> matches;
  if (figures.country) judge_number(figures, matches);
  if (figures.address) {
    const auto& totals = *figures.address;
    judge(matches, {kRuleAddressDay, Outcome::kAnotherKind, Feature::kAddressUnverifiedDay,
                    static_cast<double>(settled(totals.day, totals.young)), by_typed(kAddressDay, totals), true});
    judge(matches, {kRuleAddressHour, Outcome::kAnotherKind, Feature::kAddressUnverifiedHour,
                    static_cast<double>(settled(totals.hour, totals.young)), by_typed(kAddressHour, totals), true});
  }
  if (figures.network) {
    const auto& totals = *figures.network;
    judge(matches, {kRuleNetworkDay, Outcome::kAnotherKind, Feature::kNetworkUnverifiedDay,
                    static_cast<double>(settled(totals.day, totals.young)), by_typed(kNetworkDay, totals), true});
  }
  if (figures.address_countries)
    judge(matches, {kRuleAddressCountries, Outcome::kAnotherKind, Feature::kAddressCountriesDay,
                    static_cast<double>(*figures.address_countries), static_cast<double>(kAddressCountries), true});
  return matches;
}

std::optional<Kind> closes(std::string_view rule) {
  if (rule == kRuleCountryDay || rule == kRuleCountryNew) return Kind::kCountry;
  if (rule == kRulePrefixDay || rule == kRulePrefixHour) return Kind::kPrefix;
  if (rule == kRuleRangeDay) return Kind::kRange;
  return std::nullopt;
}

std::string_view blocked_rule(Kind kind) {
  if (kind == Kind::kPrefix) return "blocked_prefix";
  return kind == Kind::kRange ? "blocked_range" : "blocked_country";
}

namespace {

constexpr std::array<std::string_view, kKinds> kKindNames = {
    "country", "prefix", "range", "address", "network", "address_country", "country_days", "prefix_days", "range_days"};

}  // namespace

std::string_view to_text(Kind kind) { return kKindNames.at(static_cast<std::size_t>(kind)); }

std::optional<Kind> parse_kind(std::string_view text) {
  const auto* const found = std::ranges::find(kKindNames, text);
  if (found == kKindNames.end()) return std::nullopt;
  return static_cast<Kind>(found - kKindNames.begin());
}

bool is_used(const SendFigures::Place& place) { return known_in(place) >= kUsed; }

Block next_block(const std::optional<Block>& last, bool has_history, bool converts, WallTime now) {
  std::size_t step = 0;
  // A clock that went back finds a block that is over later: it goes on from there.
  if (last && !last->lifted_at && now - last->until < kBlockForgotten) step = static_cast<std::size_t>(last->step);
  step = std::min(step, kBlockSteps.size() - 1);
  if (converts) step = std::min(step, kStepsThatConvert - 1);
  Duration length = kBlockSteps.at(step);
  if (has_history) length = std::min(length, kBlockWithHistory);
  return {static_cast<int>(step) + 1, now, now + length, std::nullopt};
}

}  // namespace countersign::risk
