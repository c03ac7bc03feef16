#pragma once

#include <optional>
#include <string_view>

#include "base/moment.h"
#include "base/time.h"
#include "delivery/ports.h"

namespace countersign::delivery {

// Retry times. Pure: time and randomness are arguments.

struct MessageBackoff {
  Duration first = std::chrono::seconds(2);     ///< The upper bound of the first pause; it doubles with every attempt …
  Duration longest = std::chrono::seconds(30);  ///< … up to this.
  Duration useful_rest = Duration::zero();      ///< A message with less remaining life than this is not sent again.
};

/// When to retry a message after `attempts_made` failures (at least 1): full jitter, that is, uniform between zero and
/// the upper bound, so that the messages of one outage do not retry in step. Never before `retry_after`. nullopt when
/// too little of its life would remain.
[[nodiscard]] std::optional<WallTime> next_message_attempt(const MessageBackoff& backoff, unsigned attempts_made,
                                                           std::optional<Duration> retry_after, WallTime expires_at,
                                                           Moment& moment);

// Codes. [ADR 21]

/// Minimum remaining life for a code to be worth sending, since it must arrive, be found and be typed: a fifth of its
/// life, at most a minute. With less it is not sent (again).
[[nodiscard]] Duration useful_rest(WallTime made_at, WallTime expires_at);
[[nodiscard]] bool is_worth_sending(WallTime made_at, WallTime expires_at, WallTime now);

/// Attempts so far for one code.
struct CodeAttempts {
  WallTime made_at;
  WallTime expires_at;
  unsigned made = 1;
  bool doubted = false;          ///< One may have reached the provider, without confirmation.
  bool makes_own_codes = false;  ///< A start at a provider that makes the codes.
};

/// When to retry after `error`; nullopt: never. An attempt that certainly failed is retried as long as the code is
/// worth sending. One that may have been sent (`maybe_sent`) is retried once, after 15 s (plus up to 3 s at random),
/// and never where the provider makes the codes: each retry would be another code and invalidate the previous one.
[[nodiscard]] std::optional<WallTime> next_code_attempt(const ProviderError& error, const CodeAttempts& attempts,
                                                        Moment& moment);

/// Uniform in [0, ceiling], in milliseconds.
[[nodiscard]] Duration up_to(Duration ceiling, Random& random);

/// The time of attempt `attempts_made + 1` of a webhook delivery: at once, then after 5, 15, 30, 60 and 120 s, each up
/// to a tenth longer at random, then after 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h, each up to a fifth
/// longer; never before `retry_after`, which is respected up to a day. nullopt after the last. [HOOK-4, HOOK-5]
///
/// The first six end within 253 s, and the time-outs of five of them within 25 s more: an approval can be claimed for
/// five minutes [TXN-8], and an endpoint that was down for three of them must be notified in time.
[[nodiscard]] std::optional<WallTime> next_webhook_attempt(unsigned attempts_made, std::optional<Duration> retry_after,
                                                           Moment& moment);
inline constexpr unsigned kWebhookAttemptsMax = 14;

/// `Retry-After`: seconds, or an HTTP date in any of the three forms of RFC 9110 section 5.6.7, as the time from `now`
/// (zero for the past). nullopt for anything else.
[[nodiscard]] std::optional<Duration> parse_retry_after(std::string_view value, WallTime now);

}  // namespace countersign::delivery
