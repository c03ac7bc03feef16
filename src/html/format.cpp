#include "html/format.h"

#include <fmt/format.h>

#include <array>

namespace countersign::html {

namespace {

constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

bool is_language(std::string_view locale, std::string_view language) {
  return locale.substr(0, locale.find('-')) == language;
}

std::string time_of_day(WallTime local, std::string_view locale) {
  const auto since_midnight = local - std::chrono::floor<std::chrono::days>(local);
  const auto minutes = std::chrono::floor<std::chrono::minutes>(since_midnight).count();
  const auto hour = minutes / 60;
  const auto minute = minutes % 60;
  if (is_language(locale, "pt")) return fmt::format("{:02}:{:02}", hour, minute);
  const bool is_spanish = is_language(locale, "es");
  const std::string_view half = hour < 12 ? (is_spanish ? "a.m." : "AM") : (is_spanish ? "p.m." : "PM");
  return fmt::format("{}:{:02} {}", hour % 12 == 0 ? 12 : hour % 12, minute, half);
}

/// Whether the character at `at` belongs to Hebrew, Arabic or another right-to-left script, from its UTF-8 bytes:
/// U+0590 to U+08FF, the presentation forms, U+10800 to U+10FFF, and U+1E800 to U+1EFFF.
bool is_right_to_left(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : static_cast<unsigned char>(0);
  };
  const auto first = byte(0);
  const auto second = byte(1);
  const auto third = byte(2);
  if (first == 0xD6) return second >= 0x90;
  if (first >= 0xD7 && first <= 0xDF) return true;
  if (first == 0xE0) return second >= 0xA0 && second <= 0xA3;
  if (first == 0xEF) {
    return (second == 0xAC && third >= 0x9D) || (second >= 0xAD && second <= 0xB7) ||
           (second == 0xB9 && third >= 0xB0) || second == 0xBA || second == 0xBB;
  }
  return first == 0xF0 && ((second == 0x90 && third >= 0xA0) || (second == 0x9E && third >= 0xA0));
}

}  // namespace

std::string format_date(WallTime time, std::string_view locale, const ZoneOffset& zone) {
  const WallTime local = time + zone.east;
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(local));
  const int year = static_cast<int>(date.year());
  const auto month = static_cast<unsigned>(date.month());
  const auto day = static_cast<unsigned>(date.day());
  std::string text;
  if (is_language(locale, "pt"))
    text = fmt::format("{:02}/{:02}/{}", day, month, year);
  else if (is_language(locale, "es"))
    text = fmt::format("{}/{}/{:02}", day, month, year % 100);
  else
    text = fmt::format("{} {}, {}", kMonths.at(month - 1), day, year);
  return text;
}

std::string format_date_time(WallTime time, std::string_view locale, const ZoneOffset& zone) {
  return fmt::format("{}, {} {}", format_date(time, locale, zone), time_of_day(time + zone.east, locale), zone.name);
}

std::string format_time(WallTime time, std::string_view locale, const ZoneOffset& zone) {
  return fmt::format("{} {}", time_of_day(time + zone.east, locale), zone.name);
}

std::string in_groups_of_four(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i > 0 && i % 4 == 0) out += ' ';
    out += text[i];
  }
  return out;
}

std::string isolated(std::string_view text) {
  bool any = false;
  for (std::size_t at = 0; at < text.size() && !any; ++at) any = is_right_to_left(text, at);
  return any ? fmt::format("\u2068{}\u2069", text) : std::string(text);
}

std::string spaced(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (!out.empty()) out += ' ';
    out += c;
  }
  return out;
}

}  // namespace countersign::html
