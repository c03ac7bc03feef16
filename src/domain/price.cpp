#include "domain/price.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "base/number.h"

namespace countersign::domain {

namespace {

constexpr std::int64_t kMicros = 1'000'000;
constexpr std::size_t kPriceDecimals = 6;
constexpr std::size_t kPriceDigitsMax = 6;
constexpr std::size_t kSumDigitsMax = 9;

bool all_digits(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_digit); }

std::optional<std::int64_t> parse_micros(std::string_view number, std::size_t digits_max) {
  const auto point = number.find('.');
  const auto whole = number.substr(0, point);
  std::string decimals(point == std::string_view::npos ? std::string_view("0") : number.substr(point + 1));
  if (!all_digits(whole) || whole.size() > digits_max || !all_digits(decimals)) return std::nullopt;
  if (decimals.size() > kPriceDecimals) return std::nullopt;
  decimals.resize(kPriceDecimals, '0');
  const auto units = parse_number<std::int64_t>(whole);
  const auto rest = parse_number<std::int64_t>(decimals);
  if (!units || !rest) return std::nullopt;
  return *units * kMicros + *rest;
}

std::optional<Price> parse_amount_of(std::string_view text, std::size_t digits_max) {
  if (text.size() < 5 || text[text.size() - 4] != ' ') return std::nullopt;
  const auto currency = text.substr(text.size() - 3);
  if (!is_currency_code(currency)) return std::nullopt;
  const auto micros = parse_micros(text.substr(0, text.size() - 4), digits_max);
  return micros ? std::optional(Price{*micros, std::string(currency)}) : std::nullopt;
}

}  // namespace

bool is_currency_code(std::string_view text) { return text.size() == 3 && std::ranges::all_of(text, is_upper); }

std::optional<Price> parse_price(std::string_view text) { return parse_amount_of(text, kPriceDigitsMax); }

std::optional<Price> parse_sum(std::string_view text) { return parse_amount_of(text, kSumDigitsMax); }

std::optional<std::int64_t> parse_rate_of_exchange(std::string_view text) {
  const auto micros = parse_micros(text, kPriceDigitsMax);
  return micros && *micros > 0 ? micros : std::nullopt;
}

std::string to_text(const Price& price) {
  std::string decimals = fmt::format("{:06}", price.micros % kMicros);
  while (decimals.size() > 2 && decimals.back() == '0') decimals.pop_back();
  return fmt::format("{}.{} {}", price.micros / kMicros, decimals, price.currency);
}

void add(std::vector<Price>& sums, const Price& price) {
  const auto same = std::ranges::find(sums, price.currency, &Price::currency);
  if (same == sums.end())
    sums.push_back(price);
  else
    same->micros += price.micros;
}

std::optional<std::string> to_text(const std::vector<Price>& sums) {
  std::optional<std::string> text;
  for (const auto& sum : sums) text = text ? fmt::format("{} + {}", *text, to_text(sum)) : to_text(sum);
  return text;
}

}  // namespace countersign::domain
