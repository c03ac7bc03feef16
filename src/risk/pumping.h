#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "risk/counts.h"
#include "risk/decision.h"
#include "risk/features.h"

namespace countersign::risk {

// Rules against codes that are asked for to be paid for (docs/fraud.md). The numbers begin as Authgear published them
// (docs/specs/fraud-protection.md there). Pure.

/// `[risk]` of the configuration, for one account.
struct PumpingSettings {
  enum class Mode : std::uint8_t {
    kOff,     ///< Nothing is counted.
    kShadow,  ///< Counted and recorded; refuses nothing.
    kOn,
  };
  Mode mode = Mode::kOff;
  /// Codes a day that new people are expected to ask for, by country: what is usual there before there is a history.
  std::map<std::string, std::int64_t, std::less<>> expected = {};

  [[nodiscard]] std::int64_t expected_in(std::string_view country) const;
};

/// The numbers of the rules. `…Ratio`: of what is usual.
inline constexpr std::int32_t kCountryDay = 20;
inline constexpr double kDayRatio = 0.3;
inline constexpr std::int32_t kCountryHour = 3;
inline constexpr double kHourRatio = 0.2 / 6;
/// A prefix without a history: a hundredth of what is usual in its country, between these.
inline constexpr std::int32_t kPrefixDayLeast = 5;
inline constexpr std::int32_t kPrefixDayMost = 20;
inline constexpr double kPrefixOfCountry = 0.01;
inline constexpr std::int32_t kRangeDay = 20;
inline constexpr std::int32_t kTogetherDay = 20;  ///< Of all prefixes, or ranges, without a place of their own.
inline constexpr double kRangeOfCountry = 0.25;   ///< Of the limit of its country.
inline constexpr std::int32_t kAddressDay = 10;
inline constexpr std::int32_t kAddressHour = 5;
inline constexpr std::int32_t kNetworkDay = 30;
inline constexpr double kTypedRatio = 0.5;  ///< Of codes typed at an address or network within the day.
inline constexpr std::int32_t kAddressCountries = 3;

/// What is known about the number and the asker of one code, without this one. What is absent is not known, or does
/// not apply.
struct SendFigures {
  struct Place {
    Totals totals;
    std::int32_t daily_max = 0;
  };
  std::optional<Place> country = {};
  std::optional<Place> prefix = {};
  std::optional<Place> range = {};
  std::optional<Totals> address = {};
  std::optional<Totals> network = {};
  std::optional<std::int32_t> address_countries = {};  ///< Others than this one, without a typed code from there.
  std::int64_t expected = 0;                           ///< In that country.
};

/// Codes to people unknown there that a country without a history may have in 24 hours on all nodes together; nullopt
/// where it has one. Where the newcomers type theirs, and people established there show that it is used, a few more.
[[nodiscard]] std::optional<std::int64_t> exact_ceiling(const SendFigures& figures);

/// What of it rules compare.
void describe(const SendFigures& figures, Features& features);

/// The rules that match one more code. A rule of a place names in its figures the count with that code, and the limit.
[[nodiscard]] std::vector<Match> pumping_matches(const SendFigures& figures);

// Names of the rules, as decisions have them.
inline constexpr std::string_view kRuleCountryDay = "country_day";
inline constexpr std::string_view kRuleCountryHour = "country_hour";
inline constexpr std::string_view kRulePrefixDay = "prefix_day";
inline constexpr std::string_view kRulePrefixHour = "prefix_hour";
inline constexpr std::string_view kRuleRangeDay = "range_day";
inline constexpr std::string_view kRuleAddressDay = "address_day";
inline constexpr std::string_view kRuleAddressHour = "address_hour";
inline constexpr std::string_view kRuleNetworkDay = "network_day";
inline constexpr std::string_view kRuleAddressCountries = "address_countries";
inline constexpr std::string_view kRuleCountryNew = "country_new";  ///< The exact ceiling.

/// The kind of place that a rule closes; nullopt: it closes none.
[[nodiscard]] std::optional<Kind> closes(std::string_view rule);
/// The rule by which a place of that kind stays closed: `blocked_country`, `blocked_prefix`, `blocked_range`.
[[nodiscard]] std::string_view blocked_rule(Kind kind);
/// `country`, `prefix`, …
[[nodiscard]] std::string_view to_text(Kind kind);
[[nodiscard]] std::optional<Kind> parse_kind(std::string_view text);
/// Whether people who are established come there, so that closing it would hurt somebody.
[[nodiscard]] bool is_used(const SendFigures::Place& place);
inline constexpr std::int64_t kUsed = 5;  ///< In a day.

// ---- Blocks ----

/// A place that is closed to people unknown there. It opens by itself.
struct Block {
  int step = 0;  ///< How often it was closed lately, from 1.
  WallTime started_at;
  WallTime until;
  std::optional<WallTime> lifted_at = {};  ///< By an operator: what was counted before does not count any more.
  friend bool operator==(const Block&, const Block&) = default;

  [[nodiscard]] bool is_closed(WallTime now) const { return now < until && !lifted_at; }
};
/// After so long without another block it begins from the first step.
inline constexpr Duration kBlockForgotten = std::chrono::days(7);
/// For good: an operator opens it.
inline constexpr Duration kPermanently = std::chrono::days(3650);
/// Places with people established are never closed longer, or whoever asks for codes there could end it for everybody.
inline constexpr Duration kBlockWithHistory = std::chrono::hours(1);

/// The block that begins now: minutes at first, then longer each time that a place was used again after its block and
/// closed again; for good from the sixth on. Precondition: `last` is over. `has_history`: people are established there.
/// `converts`: half of the codes of the day were typed; then it never grows beyond a day.
[[nodiscard]] Block next_block(const std::optional<Block>& last, bool has_history, bool converts, WallTime now);

}  // namespace countersign::risk
