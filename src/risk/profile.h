#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "risk/features.h"

namespace countersign::risk {

/// What is remembered of one person, for the rules about trust. All digests are keyed, and of the account. Bounded: of
/// each list the newest kSeenMax. Pure. [PRV-1]
///
/// A device, a network and a payout are hers only once she has approved something from there or to it: whoever sits in
/// her session cannot make his own known by asking for something.
class Profile {
 public:
  static constexpr std::size_t kSeenMax = 20;

  // What a hold says.
  struct Asked {
    std::string device = {};  ///< Digests; empty: not known.
    std::string network = {};
    std::string address = {};
    std::string payout = {};
    std::string type = {};  ///< Of the transaction, as a digest or as it is; without spaces.
    std::optional<double> amount = {};
  };
  /// Of other people, on the day of `now`; of the payout, ever.
  struct Others {
    std::int64_t on_device = 0;
    std::int64_t at_address = 0;
    std::int64_t with_payout = 0;
  };
  /// Sets what is known. The hold itself is counted in holds_day and amount_day.
  void describe(const Asked& asked, const Others& others, WallTime now, Features& features) const;

  /// Of that only what needs no others, and is no hold: new_device, new_network, subject_addresses_day.
  void describe_place(const Asked& asked, WallTime now, Features& features) const;

  /// What of it is not hers yet, and would be by her approval: device, network, payout.
  [[nodiscard]] Asked to_learn(const Asked& asked) const;

  /// It was held. What is new of the day is to be counted for others.
  struct NewToday {
    bool on_device = false;
    bool at_address = false;
  };
  NewToday note_hold(const Asked& asked, WallTime now);
  /// Of it only what holds_day and amount_day count.
  void count_hold(const Asked& asked, WallTime now);

  /// She approved it. `others`: people with that payout so far. True if the payout is new to her, and to be counted.
  bool note_approval(const Asked& asked, std::int64_t others, WallTime now);

  /// Something that is counted in prompts_hour, denials_day and recovery_failures_day.
  enum class Event : std::uint8_t { kPrompt, kDenial, kRecoveryFailure };
  void note_event(Event event, WallTime now);
  /// Those counts alone, which change between a hold and its approval.
  void describe_events(WallTime now, Features& features) const;

  /// Adds what another node knows. Of a count that both have, the greater one.
  void merge(const Profile& other);
  /// Adds holds and events that are counted in `more` alone: hours of both have the sum.
  void add_counts(const Profile& more);

  /// A line for each thing. Text that decode() does not know is skipped: a later program wrote it.
  [[nodiscard]] std::string encode() const;
  [[nodiscard]] static Profile decode(std::string_view text);

  [[nodiscard]] bool knows_nothing() const;
  friend bool operator==(const Profile&, const Profile&) = default;

 private:
  struct Seen {
    std::string digest;
    std::int64_t at = 0;      ///< A day, or an hour, of the epoch.
    std::int64_t number = 0;  ///< Of a payout: the others before her. Of holds: how many.
    double amount = 0;        ///< Of holds.
    friend bool operator==(const Seen&, const Seen&) = default;
  };
  using List = std::vector<Seen>;
  static Seen* find(List& list, std::string_view digest);
  static const Seen* find(const List& list, std::string_view digest);
  static void note(List& list, std::string_view digest, std::int64_t at);
  static void bound(List& list);
  static void merge(List& mine, const List& theirs);
  static Seen* find_hour(List& list, std::string_view digest, std::int64_t hour);
  /// By digest and hour: adds to what there is, or makes it.
  static void add_in_hour(List& list, std::string_view digest, std::int64_t hour, double amount);
  static void merge_hours(List& mine, const List& theirs);
  static void add_hours(List& mine, const List& more);
  [[nodiscard]] static bool is_on(const List& list, std::string_view digest, std::int64_t day);
  [[nodiscard]] static std::int64_t count_on(const List& list, std::int64_t day);

  List devices_;  ///< Hers, and the day when last seen.
  List networks_;
  List payouts_;
  List devices_today_;  ///< Where she asked for something, and the day.
  List addresses_today_;
  List holds_;   ///< By type and hour.
  List events_;  ///< Likewise.
};

}  // namespace countersign::risk
