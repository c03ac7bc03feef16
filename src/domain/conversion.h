#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace countersign::domain::conversion {

// How the weights of a list of providers follow what became of its codes (docs/adr/0047). Pure.

/// What is known of a number without knowing whose it is: the number without its last four digits, which ten thousand
/// share. Empty for a mailbox, and for a number of four digits or less. [PRV-1]
[[nodiscard]] std::string prefix_of(std::string_view address);
/// Stands for the prefixes of an account beyond kPrefixesMax on one day.
inline constexpr std::string_view kOtherPrefixes = "other";
/// Prefixes that are told apart, with their provider and channel, for one account and day.
inline constexpr std::size_t kPrefixesMax = 1000;

/// The person's own send: 1, 2, and 3 for each later one.
[[nodiscard]] int attempt_of(int sends);

// ---- What is learned ----

/// A person and a network count once in this time, for what a service learns.
inline constexpr Duration kOnceIn = std::chrono::hours(1);
/// What became of a code is looked at when so much time has passed since its provider had it, or its life has ended.
inline constexpr Duration kSettledAfter = std::chrono::minutes(5);
/// A code that was typed within this time was prompt: nobody who waits asks for another way before.
inline constexpr Duration kPrompt = std::chrono::seconds(60);

/// What one code counts, of kCreditMax: all if it was typed promptly, half if it was typed later, none if it was not
/// typed. `after`: from the acceptance to the right code; nullopt: there was none.
[[nodiscard]] int credit_of(std::optional<Duration> after);
inline constexpr int kCreditMax = 2;

inline constexpr int kShareMax = 1000;  ///< As the configuration has it.
inline constexpr int kShareMin = 50;  ///< What a provider keeps of its weight, so that it is seen when it works again.

/// What is known of one provider for one channel and country of a service.
struct Learned {
  int share = kShareMax;  ///< Of its weight in the configuration, in thousandths: kShareMin to kShareMax.
  int samples = 0;        ///< Codes since the share last changed; older ones count ever less.
  int credit = 0;         ///< Of them.
  WallTime halved_at;     ///< When samples and credit were last halved for their age.
  WallTime stepped_at;    ///< When the share last changed, or when the first code was counted.
  friend bool operator==(const Learned&, const Learned&) = default;
};

/// With one code more.
[[nodiscard]] Learned with_sample(Learned learned, int credit, WallTime now);
/// As it is now: each day that has passed halves what was counted before.
[[nodiscard]] Learned aged(Learned learned, WallTime now);

/// Fewer codes say nothing. One person, who counts once an hour, never comes to so many: halved each day, she has less
/// than twice twenty-four.
inline constexpr int kEnough = 50;
/// A provider's share rises again only after so many.
inline constexpr int kEnoughToRise = 100;
/// Beyond so many, what was counted is halved, so that a change shows.
inline constexpr int kSamplesKept = 400;
inline constexpr Duration kStepEvery = std::chrono::minutes(5);
/// A share that nothing is known about rises again by itself.
inline constexpr Duration kForgottenAfter = std::chrono::hours(24);
/// A provider falls if it converts so much less than the best, in hundredths, and chance does not explain it; it rises
/// if it is at most kNear behind. Between the two nothing changes.
inline constexpr int kFar = 10;
inline constexpr int kNear = 5;

struct Rival {
  Learned learned;
  bool frozen = false;  ///< The operator has said that its share stays.
};
/// What each of the providers of one service, channel and country is to have now, in their order. A share is halved or
/// doubled, at most once in kStepEvery, and then judged by new codes alone. A frozen one stays as it is, and is
/// compared with all the same.
[[nodiscard]] std::vector<Learned> stepped(std::span<const Rival> rivals, WallTime now);

/// The weight to use: `share` thousandths of the configured one, in thousandths. 0 only for 0.
[[nodiscard]] int weight_of(int configured, int share);

}  // namespace countersign::domain::conversion
