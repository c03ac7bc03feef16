#include "html/zone_rule.h"

#include <algorithm>
#include <chrono>

#include "base/ascii.h"

namespace countersign::html {

namespace {

constexpr std::int64_t kDaySeconds = 86'400;

}  // namespace

/// Consumes one part after the other; `ok` becomes false at the first missing one.
struct ZoneRuleReader {
  std::string_view rest;
  bool ok = true;

  bool skip(char wanted) {
    if (rest.empty() || rest.front() != wanted) return false;
    rest.remove_prefix(1);
    return true;
  }

  int number(int least, int most) {
    int value = 0;
    std::size_t digits = 0;
    for (; digits < rest.size() && digits < 3 && is_digit(rest[digits]); ++digits)
      value = value * 10 + (rest[digits] - '0');
    rest.remove_prefix(digits);
    ok = ok && digits > 0 && value >= least && value <= most;
    return ok ? value : 0;
  }

  /// Letters, or anything without `>` between angle brackets.
  std::string name() {
    const bool quoted = skip('<');
    const auto end = std::ranges::find_if(rest, [&](char c) { return quoted ? c == '>' : !is_letter(c); });
    std::string text(rest.begin(), end);
    rest.remove_prefix(text.size());
    ok = ok && text.size() >= 3 && text.size() <= 16 && (!quoted || skip('>'));
    return text;
  }

  /// `3`, `-5:30`, `+2:00:00`.
  std::int64_t time(int hours_max) {
    const bool minus = skip('-');
    if (!minus) skip('+');
    std::int64_t seconds = std::int64_t{number(0, hours_max)} * 3600;
    if (skip(':')) seconds += std::int64_t{number(0, 59)} * 60;
    if (skip(':')) seconds += number(0, 59);
    return minus ? -seconds : seconds;
  }

  ZoneRule::Day day() {
    using Form = ZoneRule::Day::Form;
    ZoneRule::Day day;
    if (skip('M')) {
      day.month = number(1, 12);
      ok = ok && skip('.');
      day.week = number(1, 5);
      ok = ok && skip('.');
      day.day = number(0, 6);
    } else if (skip('J')) {
      day.form = Form::kWithoutLeapDay;
      day.day = number(1, 365);
    } else {
      day.form = Form::kZeroBased;
      day.day = number(0, 365);
    }
    if (skip('/')) day.time = time(167);
    return day;
  }
};

std::int64_t ZoneRule::Day::in_year(int year) const {
  using std::chrono::sys_days;
  const auto first = sys_days(std::chrono::year(year) / 1 / 1);
  sys_days date = first;
  if (form == Form::kMonthWeekDay) {
    const std::chrono::weekday wanted(static_cast<unsigned>(day));
    const auto in_month = std::chrono::year(year) / std::chrono::month(static_cast<unsigned>(month));
    date = week == 5 ? sys_days(in_month / wanted[std::chrono::last])
                     : sys_days(in_month / wanted[static_cast<unsigned>(week)]);
  } else {
    int days = form == Form::kWithoutLeapDay ? day - 1 : day;
    if (form == Form::kWithoutLeapDay && std::chrono::year(year).is_leap() && day >= 60) ++days;
    date = first + std::chrono::days(days);
  }
  return std::chrono::seconds(date.time_since_epoch()).count() + time;
}

std::optional<ZoneRule> ZoneRule::parse(std::string_view text) {
  ZoneRuleReader in{text};
  ZoneRule rule;
  rule.standard_.name = in.name();
  rule.standard_.east = -in.time(24);
  if (in.ok && !in.rest.empty()) {
    Clock summer;
    summer.name = in.name();
    summer.east = in.rest.starts_with(',') ? rule.standard_.east + 3600 : -in.time(24);
    in.ok = in.ok && in.skip(',');
    rule.begins_ = in.day();
    in.ok = in.ok && in.skip(',');
    rule.ends_ = in.day();
    rule.summer_ = std::move(summer);
  }
  return in.ok && in.rest.empty() ? std::optional(std::move(rule)) : std::nullopt;
}

const ZoneRule::Clock& ZoneRule::at(std::int64_t seconds) const {
  if (!summer_) return standard_;
  // In the year of the standard clock. A summer time that crosses the turn of the year ends before it begins.
  const auto local = seconds + standard_.east;
  const auto days = local / kDaySeconds - (local % kDaySeconds < 0 ? 1 : 0);
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(days))};
  const int year = static_cast<int>(date.year());
  const auto begins = begins_.in_year(year) - standard_.east;
  const auto ends = ends_.in_year(year) - summer_->east;
  const bool is_summer = begins < ends ? begins <= seconds && seconds < ends : !(ends <= seconds && seconds < begins);
  return is_summer ? *summer_ : standard_;
}

}  // namespace countersign::html
