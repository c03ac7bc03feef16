#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/display.h"
#include "store/repository/factors.h"
#include "store/repository/transactions.h"
#include "usecase/context.h"
#include "usecase/decide_here.h"
#include "usecase/problem.h"

namespace countersign::usecase {

// What the page at verify_url needs to know. Reading alone: whatever the person does there is done by the same use
// cases as over the API.

/// The transaction that a link opens: its id, and the secret that only the link has. Nothing for any other link, in the
/// same time whichever part is wrong. [WEB-1]
[[nodiscard]] std::optional<store::TransactionRow> open_link(store::Tx& tx, const Context& context,
                                                             const TransactionId& id, std::string_view secret);

/// A code that was sent to a contact.
struct SentView {
  VerificationId id;
  domain::VerificationStatus status = domain::VerificationStatus::kPending;
  int sends = 0;
  int attempts_left = 0;
  bool may_send_again = false;            ///< Sends are left; from `resend_at` on.
  WallTime resend_at;                     ///< Now or earlier: at once.
  WallTime valid_until;                   ///< Of the code sent last.
  std::optional<std::string> send_fault;  ///< Why the last sending failed, where it has.
};

/// One way in which this person could prove herself for this transaction.
struct Way {
  domain::Method method = domain::Method::kSms;
  std::string id;      ///< The contact's or factor's: `CT…`, `YF…`.
  std::string masked;  ///< Of a contact.
  std::string ending;  ///< The digits of it that are shown, for a screen reader.
  std::string name;    ///< Of a factor, by the person.
  int code_length = 6;
  bool completes = false;               ///< A proof by it would, as things stand, meet the policy.
  bool counts = false;                  ///< For this transaction; else nothing is asked of it. [STD-1, STD-9]
  std::optional<WallTime> counts_from;  ///< Where it does not: for what is held from then on.
  std::optional<WallTime> newer_from;   ///< A newer contact of the channel waits: for what is held from then on.
  std::optional<WallTime> locked_until;
  bool stopped = false;               ///< Somebody objected to it, and nobody has decided. [STD-11]
  std::optional<WallTime> send_from;  ///< While nothing may be sent to its line: from when on something may.
  bool disabled = false;              ///< An app that failed far too often sleeps.
  int failures = 0;                   ///< In a row.
  int failures_left = 0;              ///< Until the next lock.
  std::optional<SentView> sent;

  [[nodiscard]] bool usable() const { return !locked_until && !disabled; }
};

struct PersonView {
  TransactionId id;
  AccountId account;
  const ServiceSettings* service = nullptr;                             ///< Null when it is no longer configured.
  domain::TransactionStatus status = domain::TransactionStatus::kHeld;  ///< As of now.
  domain::Display display;
  std::string identity;
  std::string locale;
  bool locale_chosen = false;  ///< By the application; else it is the service's.
  std::string return_url;
  WallTime created_at;
  WallTime expires_at;
  std::optional<WallTime> verified_at;
  std::optional<WallTime> ended_at;
  bool is_voided = false;  ///< Canceled by nobody: what proved it was lost before the claim. [STD-8]
  domain::standing::Judgement judgement;
  std::vector<Way> ways;   ///< Of the kinds that are still open, the strongest first, then as the person knows them.
  bool reachable = false;  ///< All ways together would meet the policy, with a first app where the link may found it.
  std::optional<WallTime> counts_from;   ///< Where a source does not count yet: the earliest hold that would count it.
  bool may_enrol = false;                ///< An authenticator app may be added here and now (see enrol_here).
  bool enrol_needs_proof = false;        ///< And only because something was proved; so only where it was.
  bool enrol_counts = false;             ///< A code of an app that is added now would meet the policy.
  bool may_add = false;                  ///< An operation that adds an app can be begun from here.
  bool offers_adding = false;            ///< And the page says so: no app of hers is active at the service.
  bool is_operation = false;             ///< This is one.
  std::optional<StoppedChange> stopped;  ///< A change to her sources that waits for a decision.
};

/// Null when she has no such way (any more).
[[nodiscard]] const Way* find_way(const PersonView& view, std::string_view id);

[[nodiscard]] PersonView view_for_person(store::Tx& tx, const Context& context, const store::TransactionRow& row,
                                         WallTime now);

}  // namespace countersign::usecase
