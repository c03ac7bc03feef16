#pragma once

#include <optional>
#include <string_view>

#include "base/moment.h"
#include "base/time.h"
#include "delivery/ports.h"

namespace countersign::delivery {

// When to try again. Pure: time and randomness are arguments.

struct MessageBackoff {
  Duration first = std::chrono::seconds(2);     ///< The ceiling of the first pause; it doubles with every attempt …
  Duration longest = std::chrono::seconds(30);  ///< … up to this.
  Duration useful_rest = Duration::zero();      ///< What would be sent with less of its life left is not sent again.
};

/// When to send a message again after `attempts_made` failures (at least 1): full jitter, i.e. uniform between nothing
/// and the ceiling, so that the messages of one outage do not come back in step. Never before `retry_after`.
/// Nothing when too little of its life would be left.
[[nodiscard]] std::optional<WallTime> next_message_attempt(const MessageBackoff& backoff, unsigned attempts_made,
                                                           std::optional<Duration> retry_after, WallTime expires_at,
                                                           Moment& moment);

// Codes. [ADR 21]

/// With less of its life left a code is of little use by the time that it has arrived, been found and been typed: a
/// fifth of the life, at most a minute. It is not sent (once more).
[[nodiscard]] Duration useful_rest(WallTime made_at, WallTime expires_at);
[[nodiscard]] bool is_worth_sending(WallTime made_at, WallTime expires_at, WallTime now);

/// The attempts for one code so far.
struct CodeAttempts {
  WallTime made_at;
  WallTime expires_at;
  unsigned made = 1;
  bool doubted = false;          ///< One may have reached the provider, though it did not say so.
  bool makes_own_codes = false;  ///< It was a start at a provider that makes the codes.
};

/// When to try again after `error`; nothing: never. What was certainly not taken over is repeated for as long as the
/// code is worth sending. What may have been (`maybe_sent`) is repeated once, after 15 s (and up to 3 s by chance), and
/// not at all where the provider makes the codes: each repetition would be another code, and the one before dead.
[[nodiscard]] std::optional<WallTime> next_code_attempt(const ProviderError& error, const CodeAttempts& attempts,
                                                        Moment& moment);

/// Uniform in [0, ceiling], in milliseconds.
[[nodiscard]] Duration up_to(Duration ceiling, Random& random);

/// When to make attempt `attempts_made + 1` of a webhook delivery: at once, then after 5, 15, 30, 60 and 120 s, each up
/// to a tenth longer by chance, then after 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h, each up to a fifth
/// longer; never before `retry_after`, which is believed up to a day. Nothing after the last. [HOOK-4, HOOK-5]
///
/// The first six are over within 253 s, and the time-outs of five of them within 25 s more: an approval can be claimed
/// for five minutes [TXN-8], and whoever was away for three of them is to hear of it in time.
[[nodiscard]] std::optional<WallTime> next_webhook_attempt(unsigned attempts_made, std::optional<Duration> retry_after,
                                                           Moment& moment);
inline constexpr unsigned kWebhookAttemptsMax = 14;

/// `Retry-After`: seconds, or an HTTP date in any of the three forms of RFC 9110 section 5.6.7, as the time from `now`
/// (zero for the past). Nothing for anything else.
[[nodiscard]] std::optional<Duration> parse_retry_after(std::string_view value, WallTime now);

}  // namespace countersign::delivery
