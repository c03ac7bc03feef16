#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/id.h"
#include "base/time.h"

namespace countersign::domain::routing {

// Which provider carries a message, and when another one does (docs/adr/0045). Pure.

/// Providers that one list may name.
inline constexpr std::size_t kListMax = 8;
/// Providers that one message is handed to before it waits for another attempt.
inline constexpr std::size_t kTriesMax = 4;

/// An entry of a list, as it stands at the moment.
struct Candidate {
  std::string_view name;
  int weight = 1;            ///< Its share among the list's, where the list has weights.
  bool makes_codes = false;  ///< It makes and checks the codes itself.
  bool drained = false;      ///< The operator takes it out of use.
  bool failing = false;      ///< Its circuit is open, or it delivers nothing there (Silence).
};

enum class Sharing {
  kInOrder,   ///< The first one, and each other only for want of those before it.
  kByWeight,  ///< Each has its share of the addresses.
};

/// The places of the list in the order of preference, whatever their state. By weight: the same order for a `key` as
/// long as the list and its weights are the same; a change of one weight moves only addresses to or from that provider.
/// One without weight comes last.
[[nodiscard]] std::vector<std::size_t> preference(std::span<const Candidate> list, Sharing sharing,
                                                  std::string_view key);

/// Which of `list`, in order of preference, a new verification begins with: the first that works; else the first that
/// is not drained; else the first. nullopt of an empty list alone: nobody is left without a way because of a state.
/// `makes_codes`: only those that do, or do not; a verification that began with one kind is never continued by the
/// other.
[[nodiscard]] std::optional<std::size_t> first_of(std::span<const Candidate> list,
                                                  std::optional<bool> makes_codes = {});

/// Which of `list`, in order of preference, takes a message that those of `tried` have certainly not sent: the first
/// that works, is not drained and was not tried. Never one that makes codes: its code would be another one. nullopt:
/// none, or kTriesMax were tried.
[[nodiscard]] std::optional<std::size_t> next_of(std::span<const Candidate> list, std::span<const std::string> tried);

/// What the answer of a provider, or its absence, says.
struct Answered {
  bool accepted = false;
  bool doubtful = false;        ///< It may have sent the message.
  bool about_provider = false;  ///< The refusal is about the provider or its reach, not about the person's address.
};
/// Whether the message may go by another provider at once: it was certainly refused, and for a reason that another
/// provider need not have. Not where the number is wrong or the person has opted out: she is told, and has other ways.
[[nodiscard]] bool goes_on(const Answered& answered);

/// How long a report is waited for before a message may be sent once more by another provider: as long as nineteen of
/// twenty of the last delivered ones took, and half as long again, between the floor and the ceiling. With fewer than
/// kDelaysToLearn nobody knows: kWaitUnlearned.
[[nodiscard]] Duration report_wait(std::span<const Duration> delays);
inline constexpr Duration kWaitFloor = std::chrono::seconds(20);    ///< A handset that wakes up takes as long.
inline constexpr Duration kWaitCeiling = std::chrono::seconds(90);  ///< Later a person has asked for herself.
inline constexpr Duration kWaitUnlearned = std::chrono::seconds(30);
inline constexpr std::size_t kDelaysToLearn = 20;
inline constexpr std::size_t kDelaysKept = 200;

inline constexpr std::size_t kSilentAfter = 10;        ///< Messages that nothing was heard of.
inline constexpr std::size_t kDeliveriesForALine = 4;  ///< So many take one of them back.
inline constexpr std::size_t kSilentOfOne = 5;         ///< At most so many lines of one tenant count for the others.
inline constexpr std::size_t kTrialsToTrust = 5;       ///< Trials in a row that were delivered.
inline constexpr Duration kTrialEvery = std::chrono::minutes(1);

/// Whether a provider accepts messages to one country and delivers none, or loses more than one of five: its calls
/// succeed, so that no circuit opens.
///
/// Learned only from messages that nobody reported in time to people who have proved their line and still wait for the
/// code; each line counts once, so that nobody makes a provider silent with a telephone that is off; and a tenant with
/// telephones of its own that are off makes it silent for itself alone. Four deliveries take one such message back.
/// A provider that is silent is passed over, except for a trial now and then; five trials in a row that were delivered
/// end it, each at once after the one before.
class Silence {
 public:
  /// True: it is silent to that tenant from now on. `line`: the address, by its id. `tenant`: the account.
  [[nodiscard]] bool unreported(const Id& line, const Id& tenant, WallTime now);
  /// A message that the provider accepted at `accepted_at` was delivered. While it is silent only one that was accepted
  /// since then is a trial.
  void delivered(WallTime accepted_at);
  /// Call about every second: a trial may be due.
  void look(MonotonicTime now);
  /// To that tenant: by its own lines, or by those of several.
  [[nodiscard]] bool silent_to(const Id& tenant) const;
  /// To any of them.
  [[nodiscard]] bool silent() const;
  /// Whether this message is to be a trial; the next one is due kTrialEvery later.
  [[nodiscard]] bool take_trial() { return std::exchange(trial_, false); }

 private:
  [[nodiscard]] bool silent_to_all() const;

  std::map<Id, std::set<Id>> lines_;  ///< By tenant.
  std::size_t deliveries_ = 0;        ///< Since the last one that took a line back.
  std::optional<WallTime> since_;     ///< It is silent.
  std::size_t good_trials_ = 0;       ///< In a row.
  bool trial_ = false;
  std::optional<MonotonicTime> trial_at_;  ///< Of the next one; absent: look() sets it.
};

}  // namespace countersign::domain::routing
