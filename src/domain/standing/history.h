#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "domain/method.h"

/// Standing: which sources of a subject may carry a decision. docs/standing.md has the rules STD-1 to STD-15, ADR 17
/// the decisions. All of it is pure: values in, values out.
namespace countersign::domain::standing {

/// The settings of a service. A binding keeps the wait that applied when it began, so that an announced `counts_from`
/// stays true when a setting changes.
struct Rules {
  Duration founding = std::chrono::hours(24);        ///< [STD-2] From the subject's first source.
  Duration wait = std::chrono::hours(72);            ///< [STD-3] From a notice to another contact.
  Duration wait_alone = std::chrono::hours(7 * 24);  ///< [STD-3] From the webhook, if no contact could be notified.
  Duration vouch_wait = std::chrono::hours(24);      ///< [STD-5]
  Duration no_notice = std::chrono::hours(24);       ///< [STD-3] How long delivery of a notice is attempted.
  Duration remember =
      std::chrono::hours(30 * 24);  ///< [STD-7, STD-8] Removed contacts are notified; sources they added wait again.
  Duration operation = std::chrono::minutes(15);  ///< [STD-4] Time limit for all proofs of adding something.
  Duration lapse = std::chrono::hours(72);        ///< [STD-11] After this an undecided objection lapses.
  int max_min_kinds = 1;                          ///< [STD-4] The largest `min_kinds` among the service's policies.
};

/// Why these settings are unsafe, or nullopt: waits above zero, `vouch_wait` at least an hour, `max_min_kinds` 1 to 3.
[[nodiscard]] std::optional<std::string_view> rules_fault(const Rules& rules);

/// `application`, `person`, `vouched`, `imported`, `link`. By a link only as the very first source, if the policy has
/// `trust_on_first_use`.
enum class BoundBy : std::uint8_t { kApplication, kPerson, kVouched, kImported, kLink };

/// `lost`, `removed`, `objected`, `replaced`. All but the last void unclaimed proofs. [STD-8]
enum class GoneWhy : std::uint8_t { kLost, kRemoved, kObjected, kReplaced };

[[nodiscard]] std::string_view to_text(BoundBy by);
[[nodiscard]] std::optional<BoundBy> parse_bound_by(std::string_view text);
[[nodiscard]] std::string_view to_text(GoneWhy why);
[[nodiscard]] std::optional<GoneWhy> parse_gone_why(std::string_view text);

/// One of the two waits after which a binding counts as its own. [STD-3, STD-5]
struct Waiting {
  WallTime since;         ///< Bound, vouched for, or made to wait again: notices accepted earlier do not count.
  Duration wait{};        ///< From `told_at`.
  Duration wait_alone{};  ///< From `webhook_at`, only if nobody was notified until `tell_until`.
  WallTime tell_until;
  std::optional<WallTime> told_at;     ///< The first accepted notice to a contact that took no part in it.
  std::optional<WallTime> webhook_at;  ///< The application acknowledged the webhook.

  friend bool operator==(const Waiting&, const Waiting&) = default;
};

struct AddedWith {
  Id source;
  Method method;
  friend bool operator==(const AddedWith&, const AddedWith&) = default;
};

struct Gone {
  GoneWhy why = GoneWhy::kLost;
  WallTime at;
  friend bool operator==(const Gone&, const Gone&) = default;
};

/// An undecided objection. `by`: the notified contact; nullopt if the application objected.
struct Stopped {
  WallTime since;
  std::optional<Id> by;
  friend bool operator==(const Stopped&, const Stopped&) = default;
};

struct Replaced {
  BindingId by;
  WallTime since;  ///< When the replacement was named, not when it counts.
  friend bool operator==(const Replaced&, const Replaced&) = default;
};

/// The person asked, on a page, that the source be removed. It counts until that happens. [STD-8]
struct Leaving {
  BindingId id;     ///< Of this removal: what notices and objections are about. Who was told of another has no part.
  Waiting waiting;  ///< As of a new source, from a notice to a contact that did not ask for it. It ends when this does.
  std::vector<Id> asked_with;  ///< The sources that proved it.
  std::vector<Id> told;        ///< Contacts that were notified of it, which may object. [STD-11]

  friend bool operator==(const Leaving&, const Leaving&) = default;
};

/// What another service bound and shares. [STD-12]
struct Shared {
  std::string owner;  ///< The service's name.
  Duration wait{};    ///< It counts here at the earliest this long after it was bound, told or vouched for there.
  /// It was bound there after the subject was known here: founding there is none here, and it waits from a notice.
  bool later = false;
  bool told_here = false;  ///< Of it, a contact that is known here and had no part in it.
  bool can_tell = false;   ///< There is such a contact. If not, it waits from the webhook.
  friend bool operator==(const Shared&, const Shared&) = default;
};

/// One source of one subject at one service. Bindings remain after removal; binding a source again makes a new one.
struct Binding {
  BindingId id;
  Id source;  ///< Id of the address (one telephone line whatever the channel, one mailbox) or of the factor.
  Kind kind = Kind::kPhone;
  BoundBy by = BoundBy::kApplication;
  WallTime bound_at;      ///< When a contact is given or a factor is confirmed.
  bool founding = false;  ///< [STD-2] Counts from `bound_at`, unless it was made to wait again.
  /// [STD-4] The sources that added it: first the one that it repeats, then the others, then the sources that added
  /// those within `remember`. A notice to one of these does not begin the wait, and none of them may decide about it.
  std::vector<AddedWith> added_with;
  Waiting waiting;
  std::optional<Waiting> vouched;            ///< [STD-5] A second wait; the earlier end of the two applies.
  std::vector<Id> told;                      ///< Contacts that were notified that it was added, or waits. [STD-11]
  std::optional<WallTime> waits_anew_since;  ///< Founding and repeating ended then.
  std::optional<Stopped> stopped;
  bool objected_once = false;        ///< By the application.
  std::vector<Id> objectors;         ///< Contacts that have objected, once each. [STD-11]
  std::optional<WallTime> kept_at;   ///< The objection was decided in its favour: it counts again for later holds.
  std::optional<Replaced> replaced;  ///< Stays in use until its replacement counts. [STD-8]
  std::optional<Gone> gone;
  std::optional<Leaving> leaving;
  std::optional<WallTime> stays_since;     ///< When its removal was last objected to. [STD-11]
  std::optional<WallTime> not_removed_at;  ///< A removal was due, but too little would have been left. [STD-8]
  std::optional<WallTime> proved_at;       ///< First right answer for a transaction.
  std::optional<WallTime> renamed_at;      ///< The person last gave it another name. For notices of several changes.
  std::optional<WallTime> woken_at;        ///< Support last unlocked it. For the same. [STD-7, STD-20]
  std::vector<WallTime> codes_used;        ///< Of recovery codes, for notices of several uses. [STD-7]
  std::optional<Shared> shared;            ///< Of another service: not stored here, and no change here affects it.

  friend bool operator==(const Binding&, const Binding&) = default;
};

/// All sources that one subject ever had at one service.
struct History {
  SubjectId subject;
  ServiceId service;
  std::vector<Binding> bindings;               ///< In commit order.
  std::optional<WallTime> first_proof_at;      ///< Ends founding.
  std::optional<WallTime> founding_closed_at;  ///< By an import with `verified_at`, or by an erasure.
  std::optional<WallTime> founding_until;      ///< Set by an import, for people whose phones are added later.
  bool known_elsewhere = false;  ///< To a service that shares its sources with this one: nothing founds. Not stored.

  friend bool operator==(const History&, const History&) = default;
};

/// Whether a source that the application gives now counts at once. [STD-2]
[[nodiscard]] bool in_founding(const History& history, const Rules& rules, WallTime now);

/// The living binding of that source that this service made itself; null if there is none.
[[nodiscard]] const Binding* own_living(const History& history, Id source);
/// The living binding of that source, else one that another service shares, else the last one; null if it was never
/// bound.
[[nodiscard]] const Binding* binding_of(const History& history, Id source);
[[nodiscard]] const Binding* find(const History& history, BindingId id);
/// Whether that source is the one of the binding, or stands behind it.
[[nodiscard]] bool had_a_part(const Binding& about, Id source);
/// Whether that source was ever proved, in a living or ended binding.
[[nodiscard]] bool was_proved(const History& history, Id source);

}  // namespace countersign::domain::standing
