#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "domain/method.h"

/// What counts as known: which sources of a subject may carry a decision. The rules STD-1 to STD-15 are in
/// docs/standing.md, what was decided about them in ADR 17. All of it is pure: values in, values out.
namespace countersign::domain::standing {

/// The settings of a service. What a binding waits for is fixed when it begins to wait, so that a `counts_from` that
/// was announced stays true when a setting changes.
struct Rules {
  Duration founding = std::chrono::hours(24);        ///< [STD-2] From the subject's first source.
  Duration wait = std::chrono::hours(72);            ///< [STD-3] From a notice to somebody else.
  Duration wait_alone = std::chrono::hours(7 * 24);  ///< [STD-3] From the webhook, where nobody could be told.
  Duration vouch_wait = std::chrono::hours(24);      ///< [STD-5]
  Duration no_notice = std::chrono::hours(24);       ///< [STD-3] How long is tried to tell somebody.
  Duration remember = std::chrono::hours(30 * 24);  ///< [STD-7, STD-8] Removed contacts are told; added ones wait anew.
  Duration operation = std::chrono::minutes(15);    ///< [STD-4] All proofs of adding something.
  Duration lapse = std::chrono::hours(72);          ///< [STD-11] An objection that nobody decides.
  int max_min_kinds = 1;  ///< [STD-4] The largest `min_kinds` among the policies of the service.
};

/// Why these settings are unsafe, or nothing: waits above zero, `vouch_wait` at least an hour, `max_min_kinds` 1 to 3.
[[nodiscard]] std::optional<std::string_view> rules_fault(const Rules& rules);

/// `application`, `person`, `vouched`, `imported`, `link`. By a link only as the very first source, where the policy
/// has `trust_on_first_use`.
enum class BoundBy : std::uint8_t { kApplication, kPerson, kVouched, kImported, kLink };

/// `lost`, `removed`, `objected`, `replaced`. All but the last void what was proved and not yet claimed. [STD-8]
enum class GoneWhy : std::uint8_t { kLost, kRemoved, kObjected, kReplaced };

[[nodiscard]] std::string_view to_text(BoundBy by);
[[nodiscard]] std::optional<BoundBy> parse_bound_by(std::string_view text);
[[nodiscard]] std::string_view to_text(GoneWhy why);
[[nodiscard]] std::optional<GoneWhy> parse_gone_why(std::string_view text);

/// One road on which a binding comes to count as its own. [STD-3, STD-5]
struct Waiting {
  WallTime since;         ///< Bound, vouched for, or told to wait anew: notices accepted before do not count.
  Duration wait{};        ///< From `told_at`.
  Duration wait_alone{};  ///< From `webhook_at`, only where nobody was told until `tell_until`.
  WallTime tell_until;
  std::optional<WallTime> told_at;     ///< The first accepted notice to a contact that had no part in it.
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

/// An objection that is not decided yet. `by`: the contact that was told; nothing where the application objected.
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

/// One source of one subject at one service. Bindings outlive removal; a source that is bound again is a new one.
struct Binding {
  BindingId id;
  Id source;  ///< Of the address (one telephone line whatever the channel, one mailbox) or of the factor.
  Kind kind = Kind::kPhone;
  BoundBy by = BoundBy::kApplication;
  WallTime bound_at;      ///< A contact when it is given, a factor when it is confirmed.
  bool founding = false;  ///< [STD-2] Counts from `bound_at`, unless it was made to wait anew.
  /// [STD-4] What added it: first the one that it repeats, then the others, then what stands behind those of them that
  /// were themselves added within `remember`. None of these can be told in place of somebody else, or decide about it.
  std::vector<AddedWith> added_with;
  Waiting waiting;
  std::optional<Waiting> vouched;            ///< [STD-5] A second road; the earlier of the two is taken.
  std::vector<Id> told;                      ///< Contacts that were told of it and may object. [STD-11]
  std::optional<WallTime> waits_anew_since;  ///< Founding and repeating are over since then.
  std::optional<Stopped> stopped;
  bool objected_once = false;        ///< By the application.
  std::vector<Id> objectors;         ///< Contacts that have objected, each once. [STD-11]
  std::optional<WallTime> kept_at;   ///< The objection was decided for it: counts again for what is held from then on.
  std::optional<Replaced> replaced;  ///< Stays in use until that binding counts. [STD-8]
  std::optional<Gone> gone;
  std::optional<WallTime> proved_at;  ///< First right answer for a transaction.

  friend bool operator==(const Binding&, const Binding&) = default;
};

/// All that one subject was ever known by at one service.
struct History {
  SubjectId subject;
  ServiceId service;
  std::vector<Binding> bindings;               ///< In the order of commits.
  std::optional<WallTime> first_proof_at;      ///< Ends founding.
  std::optional<WallTime> founding_closed_at;  ///< An import with `verified_at`, or the tombstone of an erasure.
  std::optional<WallTime> founding_until;      ///< Set by an import, for people whose phones come later.

  friend bool operator==(const History&, const History&) = default;
};

/// Whether what the application gives at this moment counts at once. [STD-2]
[[nodiscard]] bool in_founding(const History& history, const Rules& rules, WallTime now);

/// The living binding of that source, else the last one; nothing where it was never bound.
[[nodiscard]] const Binding* binding_of(const History& history, Id source);
[[nodiscard]] const Binding* find(const History& history, BindingId id);
/// Whether that source was ever proved, by a binding that lives or one that ended.
[[nodiscard]] bool was_proved(const History& history, Id source);

}  // namespace countersign::domain::standing
