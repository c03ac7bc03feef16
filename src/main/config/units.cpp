#include "main/config/units.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <utility>

#include "base/ascii.h"

namespace countersign::main {

namespace {

struct Unit {
  std::string_view name;
  Duration length;
};

constexpr std::array kUnits = {Unit{"d", std::chrono::hours(24)}, Unit{"h", std::chrono::hours(1)},
                               Unit{"m", std::chrono::minutes(1)}, Unit{"s", std::chrono::seconds(1)},
                               Unit{"ms", std::chrono::milliseconds(1)}};
constexpr Duration kLongest = std::chrono::hours(24 * 3653);

/// The leading digits, and the rest.
std::optional<std::pair<std::int64_t, std::string_view>> leading_number(std::string_view text) {
  if (text.empty() || !is_digit(text[0])) return std::nullopt;
  std::int64_t number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  return std::pair(number, text.substr(static_cast<std::size_t>(rest - text.data())));
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  const auto parts = leading_number(text);
  if (!parts) return std::nullopt;
  for (const auto& unit : kUnits) {
    if (parts->second == unit.name) {
      if (parts->first > kLongest / unit.length) return std::nullopt;
      return parts->first * unit.length;
    }
  }
  return std::nullopt;
}

std::string to_text(Duration duration) {
  for (const auto& unit : kUnits) {
    if (duration >= unit.length && duration % unit.length == Duration::zero()) {
      return fmt::format("{}{}", duration / unit.length, unit.name);
    }
  }
  return duration == Duration::zero() ? "0s" : fmt::format("{}us", duration.count());
}

std::optional<domain::Rate> parse_rate(std::string_view text) {
  constexpr std::string_view kPer = " per ";
  const auto parts = leading_number(text);
  if (!parts || parts->first < 1 || !parts->second.starts_with(kPer)) return std::nullopt;
  const auto per = parse_duration(parts->second.substr(kPer.size()));
  if (!per || *per <= Duration::zero()) return std::nullopt;
  return domain::Rate{parts->first, *per};
}

std::string to_text(const domain::Rate& rate) { return fmt::format("{} per {}", rate.max, to_text(rate.per)); }

}  // namespace countersign::main
