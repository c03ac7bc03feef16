#include "demo/numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>
#include <vector>

#include "base/typed.h"
#include "demo/brazil/typed.h"

namespace countersign::demo {

namespace {

/// Runs of digits, and the separators between them: one run more than separators.
struct Runs {
  std::vector<std::string> digits{""};
  std::string separators;
};

/// The interpretation of the runs.
struct Reading {
  std::string whole;
  std::string fraction;  ///< One or two digits; empty for a whole number.
};

std::string without_currency(std::string_view typed) {
  const std::string text = lower_case(trimmed(plain_typed(typed)));
  std::string_view rest = text;
  for (const std::string_view before : {"r$", "brl"}) {
    if (rest.starts_with(before)) rest.remove_prefix(before.size());
  }
  for (const std::string_view after : {"reais", "reales", "real", "brl"}) {
    if (rest.ends_with(after)) rest.remove_suffix(after.size());
  }
  return trimmed(rest);
}

/// Fails for other characters, and for separators at either end or next to each other.
Result<Runs, NumberFault> runs_of(std::string_view text) {
  if (text.empty()) return fail(NumberFault::kEmpty);
  Runs runs;
  for (const char c : text) {
    if (is_digit(c)) {
      runs.digits.back().push_back(c);
    } else if (std::string_view("., ").contains(c)) {
      runs.separators.push_back(c);
      runs.digits.emplace_back();
    } else {
      return fail(NumberFault::kForm);
    }
  }
  if (std::ranges::any_of(runs.digits, &std::string::empty)) return fail(NumberFault::kForm);
  return runs;
}

bool are_one_kind(std::string_view characters) {
  return characters.find_first_not_of(characters.substr(0, 1)) == std::string_view::npos;
}

/// `1`, `234`, `567`: thousands.
bool are_groups(const std::vector<std::string>& digits) {
  const auto& first = digits.front();
  return first.size() <= 3 && first.front() != '0' &&
         std::all_of(digits.begin() + 1, digits.end(), [](const auto& run) { return run.size() == 3; });
}

std::string joined(const std::vector<std::string>& digits) {
  std::string all;
  for (const auto& run : digits) all += run;
  return all;
}

/// With one separator: it precedes a fraction of one or two digits, or three digits of thousands.
Result<Reading, NumberFault> read_two_runs(const Runs& runs, NumberStyle style) {
  const char separator = runs.separators.front();
  const auto& tail = runs.digits.back();
  if (separator != ' ' && tail.size() <= 2) return Reading{runs.digits.front(), tail};
  if (!are_groups(runs.digits)) return fail(NumberFault::kForm);
  if (separator != ' ' && !style.taken.contains(separator)) return fail(NumberFault::kTwoWays);
  return Reading{joined(runs.digits), ""};
}

Result<Reading, NumberFault> read_number(std::string_view text, NumberStyle style) {
  auto read = runs_of(text);
  if (!read) return fail(read.error());
  Runs runs = *std::move(read);
  if (runs.separators.empty()) return Reading{runs.digits.front(), ""};
  if (runs.separators.size() == 1) return read_two_runs(runs, style);
  if (are_one_kind(runs.separators))
    return are_groups(runs.digits) ? Result<Reading, NumberFault>(Reading{joined(runs.digits), ""})
                                   : fail(NumberFault::kForm);
  // `1.234,56`, `1,234.56`: one separator for groups, and the other before the fraction.
  const std::string fraction = runs.digits.back();
  const char before_fraction = runs.separators.back();
  runs.digits.pop_back();
  runs.separators.pop_back();
  if (before_fraction == ' ' || runs.separators.contains(before_fraction) || !are_one_kind(runs.separators) ||
      !are_groups(runs.digits) || fraction.size() > 2) {
    return fail(NumberFault::kForm);
  }
  return Reading{joined(runs.digits), fraction};
}

Result<std::int64_t, NumberFault> number_of(std::string_view digits, std::int64_t max) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || number > max) return fail(NumberFault::kTooLarge);
  return number;
}

}  // namespace

NumberStyle number_style(std::string_view language) {
  if (language.starts_with("en")) return {'.', ',', ","};
  if (language.starts_with("es")) return {'.', ',', ".,"};
  return {',', '.', "."};
}

Result<std::int64_t, NumberFault> parse_cents(std::string_view typed, NumberStyle style, std::int64_t max) {
  auto read = read_number(without_currency(typed), style);
  if (!read) return fail(read.error());
  return number_of(read->whole + (read->fraction + "00").substr(0, 2), max);
}

Result<std::int64_t, NumberFault> parse_count(std::string_view typed, NumberStyle style, std::int64_t max) {
  const auto read = read_number(trimmed(plain_typed(typed)), style);
  if (!read) return fail(read.error());
  if (!read->fraction.empty()) return fail(NumberFault::kFraction);
  return number_of(read->whole, max);
}

std::string format_count(std::int64_t count, NumberStyle style) {
  std::string text = std::to_string(count);
  for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
    text.insert(static_cast<std::size_t>(at), 1, style.group);
  return text;
}

std::string format_cents(std::int64_t cents, NumberStyle style) {
  return fmt::format("{}{}{:02}", format_count(cents / 100, style), style.decimal, cents % 100);
}

}  // namespace countersign::demo
