#include "delivery/backoff.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <vector>

#include "base/ascii.h"
#include "base/number.h"

namespace countersign::delivery {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr std::array<std::chrono::seconds, kWebhookAttemptsMax> kWebhookPauses = {0s,    5s, 15s, 30s, 60s, 120s, 5min,
                                                                                  30min, 2h, 5h,  10h, 14h, 20h,  24h};
constexpr auto kWithinTheClaimWindow = 120s;  // Pauses up to this get less random delay.

constexpr auto kDoubtfulPause = 15s;
constexpr auto kUsefulRestMax = 60s;

std::optional<int> number(std::string_view text) {
  const auto value = parse_number<int>(text);
  return value && *value >= 0 ? value : std::nullopt;
}

std::optional<unsigned> month_of(std::string_view name) {
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto found = std::ranges::find(kMonths, name);
  if (found == kMonths.end()) return std::nullopt;
  return static_cast<unsigned>(found - kMonths.begin()) + 1;
}

/// A two-digit year that appears more than 50 years ahead is in the past. [RFC 9110, 5.6.7]
int full_year(int two_digits, WallTime now) {
  const int this_year = int(std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(now)).year());
  const int year = this_year / 100 * 100 + two_digits;
  return year > this_year + 50 ? year - 100 : year;
}

std::optional<WallTime> parse_http_date(std::string_view text, WallTime now) {
  auto words = split_words(text, " ,-:");
  if (words.size() == 7) {  // asctime: Sun Nov  6 08:49:37 1994
    words = {words[0], words[2], words[1], words[6], words[3], words[4], words[5], "GMT"};
  }
  if (words.size() != 8 || words[7] != "GMT") return std::nullopt;
  const auto day = number(words[1]);
  const auto month = month_of(words[2]);
  auto year = number(words[3]);
  const auto hour = number(words[4]);
  const auto minute = number(words[5]);
  const auto second = number(words[6]);
  if (!day || !month || !year || !hour || !minute || !second) return std::nullopt;
  if (*day > 31 || *hour > 23 || *minute > 59 || *second > 60 || *year > 9999) return std::nullopt;
  if (words[3].size() == 2) year = full_year(*year, now);  // Sunday, 06-Nov-94 08:49:37 GMT
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(*month),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return WallTime(std::chrono::sys_days(date)) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         std::chrono::seconds(*second);
}

}  // namespace

Duration up_to(Duration ceiling, Random& random) {
  const auto bound = std::chrono::floor<milliseconds>(ceiling).count() + 1;
  return milliseconds(random.below(static_cast<std::uint32_t>(bound)));
}

std::optional<WallTime> next_message_attempt(const MessageBackoff& backoff, unsigned attempts_made,
                                             std::optional<Duration> retry_after, WallTime expires_at, Moment& moment) {
  Duration ceiling = backoff.first;
  for (unsigned i = 1; i < attempts_made && ceiling < backoff.longest; ++i) ceiling *= 2;
  const Duration pause = up_to(std::min(ceiling, backoff.longest), moment.random);
  const WallTime at = moment.now + std::max(pause, retry_after.value_or(Duration::zero()));
  if (at + backoff.useful_rest > expires_at) return std::nullopt;
  return at;
}

Duration useful_rest(WallTime made_at, WallTime expires_at) {
  return std::min<Duration>((expires_at - made_at) / 5, kUsefulRestMax);
}

bool is_worth_sending(WallTime made_at, WallTime expires_at, WallTime now) {
  return now < expires_at && now + useful_rest(made_at, expires_at) <= expires_at;
}

std::optional<WallTime> next_code_attempt(const ProviderError& error, const CodeAttempts& attempts, Moment& moment) {
  if (!is_retryable(error)) return std::nullopt;
  const MessageBackoff backoff{.useful_rest = useful_rest(attempts.made_at, attempts.expires_at)};
  if (!error.maybe_sent)
    return next_message_attempt(backoff, attempts.made, error.retry_after, attempts.expires_at, moment);
  if (attempts.doubted || attempts.makes_own_codes) return std::nullopt;
  const Duration pause = kDoubtfulPause + up_to(kDoubtfulPause / 5, moment.random);
  const WallTime at = moment.now + std::max(pause, error.retry_after.value_or(Duration::zero()));
  return at + backoff.useful_rest > attempts.expires_at ? std::nullopt : std::optional(at);
}

std::optional<WallTime> next_webhook_attempt(unsigned attempts_made, std::optional<Duration> retry_after,
                                             Moment& moment) {
  if (attempts_made >= kWebhookAttemptsMax) return std::nullopt;
  const Duration pause = kWebhookPauses.at(attempts_made);
  const Duration asked = std::min<Duration>(retry_after.value_or(Duration::zero()), 24h);
  const Duration longer = pause / (pause <= kWithinTheClaimWindow ? 10 : 5);
  return moment.now + std::max(pause + up_to(longer, moment.random), asked);
}

std::optional<Duration> parse_retry_after(std::string_view value, WallTime now) {
  if (!value.empty() && value.find_first_not_of("0123456789") == std::string_view::npos) {
    // More than nine digits would be decades, and overflow.
    return std::chrono::seconds(value.size() > 9 ? 999'999'999 : number(value).value_or(0));
  }
  const auto date = parse_http_date(value, now);
  if (!date) return std::nullopt;
  return std::max(*date - now, Duration::zero());
}

}  // namespace countersign::delivery
