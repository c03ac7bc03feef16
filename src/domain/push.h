#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "domain/limits.h"

// A prompt asks the devices of a person for one transaction. She types, on a device, the number that the page shows
// which asks; the device signs that number with what is approved. Agreeing alone proves nothing. Pure. [PUSH-8]
namespace countersign::domain {

inline constexpr std::size_t kPromptDigits = 6;
/// An answer is awaited this long: who does not have the device at hand takes another way by then.
inline constexpr Duration kPromptTime = std::chrono::minutes(3);
/// Wrong numbers to one prompt; with the last it is over. They count as failures of the device, too. [THR-2]
inline constexpr std::int64_t kWrongNumbersMax = 3;

/// open → approved | denied | spent | replaced.
enum class PromptStatus : std::uint8_t {
  kOpen,
  kApproved,
  kDenied,    ///< The person refused, on a device.
  kSpent,     ///< By wrong numbers.
  kReplaced,  ///< By a newer prompt for the same transaction.
  kExpired,   ///< Never stored.
};
[[nodiscard]] std::string_view to_text(PromptStatus status);

/// Only the functions below change it.
struct Prompt {
  PromptStatus status = PromptStatus::kOpen;  ///< As stored: never kExpired.
  std::int64_t wrong = 0;
  WallTime until;  ///< Exclusive.

  friend bool operator==(const Prompt&, const Prompt&) = default;
};

[[nodiscard]] PromptStatus status_at(const Prompt& prompt, WallTime now);

// From open, as of `now`; nullopt from every other status.
[[nodiscard]] std::optional<Prompt> number_right(Prompt prompt, WallTime now);
/// Stays open, or is spent with the last number.
[[nodiscard]] std::optional<Prompt> number_wrong(Prompt prompt, WallTime now);
[[nodiscard]] std::optional<Prompt> prompt_denied(Prompt prompt, WallTime now);
[[nodiscard]] std::optional<Prompt> prompt_replaced(Prompt prompt, WallTime now);

// Against fatigue: who knows a password must not be able to ask until somebody gives in. One rule for browsers that are
// asked by Web Push and for phones with the mobile SDKs. [THR-8]

/// Prompts without an answer, after the last proof of the person; then none until another proof.
inline constexpr std::int64_t kUnansweredMax = 3;
/// Of one device.
inline constexpr Rate kPromptsOfDevice{10, std::chrono::hours(1)};
/// A device is silent for this long to whom it denied something.
inline constexpr Duration kSilence = std::chrono::hours(1);
/// And with this many denials until another proof.
inline constexpr std::int64_t kDenialsMax = 2;
/// Denials to anybody, after the last proof of the person; then nobody asks until another proof: who asks is told apart
/// by networks, and somebody may have many.
inline constexpr std::int64_t kDenialsOfAllMax = 6;
/// Denials are forgotten after this time.
inline constexpr Duration kDenialsKept = std::chrono::hours(24 * 30);
/// Askers whose denials are kept; of more, the oldest are forgotten.
inline constexpr std::size_t kAskersMax = 16;

/// What a device denied to one asker: a network address from which transactions come, or all that name none.
struct Denied {
  std::string asker;
  std::int64_t times = 0;
  WallTime last;

  friend bool operator==(const Denied&, const Denied&) = default;
};

/// What one device was asked.
struct PromptHistory {
  std::int64_t unanswered = 0;  ///< Since the last proof of the person.
  std::int64_t denials = 0;     ///< To anybody, since then.
  Window asked;
  std::vector<Denied> denied;

  friend bool operator==(const PromptHistory&, const PromptHistory&) = default;
};

struct NotPrompted {
  enum class Why : std::uint8_t {
    kUnanswered,  ///< Too many prompts without an answer.
    kTooMany,     ///< In an hour.
    kSilent,      ///< After a denial, to that asker.
    kOff,         ///< After several.
  };
  Why why;
  std::optional<Duration> retry_after = {};  ///< nullopt: until another proof.

  friend bool operator==(const NotPrompted&, const NotPrompted&) = default;
};
[[nodiscard]] std::string_view to_text(NotPrompted::Why why);

/// nullopt if the device may be asked. `proved`: what it is asked for has a proof by another method, so whoever asks is
/// not a stranger; then only the rate holds.
[[nodiscard]] std::optional<NotPrompted> why_not_prompted(const PromptHistory& history, std::string_view asker,
                                                          bool proved, WallTime now);
[[nodiscard]] PromptHistory after_prompt(PromptHistory history, WallTime now);
/// The device approved: everything is forgotten but the rate.
[[nodiscard]] PromptHistory after_approval(PromptHistory history);
[[nodiscard]] PromptHistory after_denial(PromptHistory history, std::string_view asker, WallTime now);
/// The person proved something by another method, from the network `asker`: she is there, and that network is hers.
/// What was denied to other networks stays.
[[nodiscard]] PromptHistory after_other_proof(PromptHistory history, std::string_view asker);

/// What a lock screen shows: who asks, and nothing of what is approved. [PUSH-7]
struct PromptText {
  std::string title;
  std::string body;
};
/// `locale`: pt-BR, en or es; anything else is treated as en.
[[nodiscard]] PromptText prompt_text(std::string_view locale, std::string_view service_name);

}  // namespace countersign::domain
