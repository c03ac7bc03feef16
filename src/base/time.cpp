#include "base/time.h"

#include <fmt/format.h>

#include <array>
#include <iterator>

#include "base/ascii.h"

namespace countersign {

namespace {

class SystemClock final : public Clock {
 public:
  [[nodiscard]] WallTime now() const override {
    return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  }
  [[nodiscard]] MonotonicTime monotonic() const override {
    return std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now());
  }
};

/// Reads exactly `count` digits at `at` and moves past them; nullopt if they are missing.
std::optional<int> digits(std::string_view text, std::size_t& at, std::size_t count) {
  if (at + count > text.size()) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const char c = text[at + i];
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + (c - '0');
  }
  at += count;
  return value;
}

template <std::size_t count>
void append_digits(std::string& out, unsigned value) {
  std::array<char, count> digits;
  for (std::size_t i = count; i-- > 0; value /= 10) digits[i] = static_cast<char>('0' + value % 10);
  out.append(digits.data(), count);
}

bool skip(std::string_view text, std::size_t& at, char wanted) {
  if (at >= text.size() || text[at] != wanted) return false;
  ++at;
  return true;
}

}  // namespace

std::string to_rfc3339(WallTime t) {
  std::string out;
  append_rfc3339(out, t);
  return out;
}

void append_rfc3339(std::string& out, WallTime t) {
  const auto day = std::chrono::floor<std::chrono::days>(t);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::milliseconds>(t - day));
  const int year = static_cast<int>(date.year());
  if (year < 0 || year > 9999) {
    fmt::format_to(std::back_inserter(out), "{:04}", year);
  } else {
    append_digits<4>(out, static_cast<unsigned>(year));
  }
  append_digits<2>(out += '-', static_cast<unsigned>(date.month()));
  append_digits<2>(out += '-', static_cast<unsigned>(date.day()));
  append_digits<2>(out += 'T', static_cast<unsigned>(time.hours().count()));
  append_digits<2>(out += ':', static_cast<unsigned>(time.minutes().count()));
  append_digits<2>(out += ':', static_cast<unsigned>(time.seconds().count()));
  append_digits<3>(out += '.', static_cast<unsigned>(time.subseconds().count()));
  out += 'Z';
}

std::optional<WallTime> from_rfc3339(std::string_view text) {
  std::size_t at = 0;
  const auto year = digits(text, at, 4);
  if (!year || !skip(text, at, '-')) return std::nullopt;
  const auto month = digits(text, at, 2);
  if (!month || !skip(text, at, '-')) return std::nullopt;
  const auto day = digits(text, at, 2);
  if (!day || !(skip(text, at, 'T') || skip(text, at, 't'))) return std::nullopt;
  const auto hour = digits(text, at, 2);
  if (!hour || !skip(text, at, ':')) return std::nullopt;
  const auto minute = digits(text, at, 2);
  if (!minute) return std::nullopt;
  // Java's clients omit zero seconds (`2026-11-29T12:00Z`).
  std::optional<int> second = 0;
  const bool has_seconds = skip(text, at, ':');
  if (has_seconds) second = digits(text, at, 2);
  // 60 is a leap second, which our clocks do not have: it becomes the next second.
  if (!second || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;

  Duration fraction{0};
  if (has_seconds && skip(text, at, '.')) {
    Duration unit{100'000};
    std::size_t count = 0;
    for (; at < text.size() && is_digit(text[at]); ++at, ++count, unit /= 10) {
      if (count == 9) return std::nullopt;
      fraction += unit * (text[at] - '0');  // Adds zero from the seventh digit on.
    }
    if (count == 0) return std::nullopt;
  }

  std::chrono::minutes offset{0};
  if (!skip(text, at, 'Z') && !skip(text, at, 'z')) {
    const bool east = skip(text, at, '+');
    if (!east && !skip(text, at, '-')) return std::nullopt;
    const auto offset_hours = digits(text, at, 2);
    if (!offset_hours || !skip(text, at, ':')) return std::nullopt;
    const auto offset_minutes = digits(text, at, 2);
    if (!offset_minutes || *offset_hours > 23 || *offset_minutes > 59) return std::nullopt;
    offset = std::chrono::hours(*offset_hours) + std::chrono::minutes(*offset_minutes);
    if (!east) offset = -offset;
  }
  if (at != text.size()) return std::nullopt;

  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return WallTime(std::chrono::sys_days(date)) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         std::chrono::seconds(*second) + fraction - offset;
}

Clock& system_clock() {
  static SystemClock clock;
  return clock;
}

}  // namespace countersign
