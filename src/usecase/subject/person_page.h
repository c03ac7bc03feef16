#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/display.h"
#include "domain/obstacle.h"
#include "store/repository/factors.h"
#include "store/repository/transactions.h"
#include "usecase/problem.h"
#include "usecase/push/on_page.h"
#include "usecase/subject/change_on_page.h"
#include "usecase/subject/decide_on_page.h"
#include "usecase/work.h"

namespace countersign::usecase {

// Data for the page at verify_url. Read-only: the person's actions use the same use cases as the API.

/// The transaction of a link, from its id and the secret that only the link has. Nothing for any other link, in the
/// same time whichever part is wrong. [WEB-1]
[[nodiscard]] std::optional<store::TransactionRow> open_link(store::Tx& tx, const Context& context,
                                                             const TransactionId& id, std::string_view secret);

/// A code sent to a contact.
struct SentView {
  VerificationId id;
  domain::VerificationStatus status = domain::VerificationStatus::kPending;
  int sends = 0;
  int attempts_left = 0;
  bool may_send_again = false;            ///< Sends are left; allowed from `resend_at` on.
  WallTime resend_at;                     ///< If not in the future: at once.
  WallTime valid_until;                   ///< Of the newest code.
  std::optional<std::string> send_fault;  ///< Why the last send failed, if it did.
  std::optional<contact::Channel> instead_of =
      {};  ///< It could not go by that channel of the line, so it went by this.
  std::optional<contact::Channel> once_more_after = {};  ///< It went by that channel, too: nobody said that it arrived.
};

/// The id of the way by passkey: the browser's dialog asks for all that count, and the person takes one.
inline constexpr std::string_view kPasskeyWay = "passkey";

/// The same by the devices that count: all of them are asked.
inline constexpr std::string_view kPushWay = "push";

/// One way for this person to give a proof for this transaction.
struct Way {
  domain::Method method = domain::Method::kSms;
  std::string id;      ///< Id of the contact or factor: `CT…`, `YF…`; kPasskeyWay, kPushWay for all of hers together.
  std::string masked;  ///< Of a contact.
  std::string ending;  ///< Its visible last digits, for a screen reader.
  std::string name;    ///< Of a factor, chosen by the person.
  int code_length = 6;
  bool completes = false;               ///< One proof by it would now meet the policy.
  bool counts = false;                  ///< For this transaction; otherwise it is not asked for. [STD-1, STD-9]
  std::optional<WallTime> counts_from;  ///< If it does not count: the hold time from which it will.
  std::optional<WallTime> newer_from;  ///< A newer contact of the channel, passkey, or set of recovery codes waits: the
                                       ///< hold time from which it counts.
  std::optional<WallTime> locked_until;
  bool stopped = false;               ///< It was objected to, and the change is not decided. [STD-11]
  std::optional<WallTime> send_from;  ///< While sends to its line are blocked: when they are allowed again.
  bool disabled = false;              ///< An app that is disabled after too many failures.
  int failures = 0;                   ///< In a row.
  int failures_left = 0;              ///< Until the next lock.
  std::size_t codes_left = 0;         ///< Of recovery codes.
  std::optional<domain::ObstacleKind> unreachable;  ///< Why messages do not arrive, as far as is known.
  bool shows_display = true;     ///< What its message approves is in it; otherwise the page alone says it.
  Id line = {};                  ///< Of a contact: the address, whatever the channel.
  std::size_t devices = 0;       ///< That are asked, of this way by push.
  bool verifies_person = false;  ///< The policy wants passkeys to verify the person.
  std::optional<SentView> sent;

  [[nodiscard]] bool usable() const { return !locked_until && !disabled; }
  /// No message leaves for it: what was sent before can still be typed.
  [[nodiscard]] bool gets_none() const { return unreachable && *unreachable != domain::ObstacleKind::kBounced; }
};

struct PersonView {
  TransactionId id;
  AccountId account;
  const ServiceSettings* service = nullptr;                             ///< Null when it is no longer configured.
  domain::TransactionStatus status = domain::TransactionStatus::kHeld;  ///< As of now.
  domain::Display display;
  std::string identity;
  std::string locale;
  bool locale_chosen = false;  ///< Chosen by the application; else it is the service's.
  std::string return_url;
  WallTime created_at;
  WallTime expires_at;
  std::optional<WallTime> verified_at;
  std::optional<WallTime> ended_at;
  bool is_voided = false;   ///< Canceled because a proof was voided before the claim. [STD-8]
  bool is_refused = false;  ///< Denied, and not by the person. She is not told by what.
  domain::standing::Judgement judgement;
  std::vector<Way> ways;   ///< Of the kinds that are still open, strongest first, then in the order the person knows.
  bool reachable = false;  ///< All ways together would meet the policy, including a first app if the link may found it.
  std::optional<WallTime> counts_from;  ///< If a source does not count yet: the earliest hold for which it would.
  bool may_enrol = false;               ///< An authenticator app may be added here now (see enrol_here).
  bool enrol_needs_proof = false;       ///< Adding requires a proof given on this page.
  bool enrol_counts = false;            ///< A code of a newly added app would meet the policy.
  bool may_add = false;                 ///< An operation that adds an app can be started from here.
  bool offers_adding = false;           ///< And the page offers it: no app of the person is active at the service.
  bool may_add_codes = false;           ///< An operation that makes recovery codes can be started from here.
  bool offers_codes = false;            ///< And the page offers it: she has no set, or few codes are left.
  bool may_add_passkey = false;         ///< An operation that adds a passkey can be started from here.
  bool offers_passkey = false;  ///< And the page may offer it: no passkey of the person is active at the service.
  bool may_add_device = false;  ///< An operation that makes the browser a device can be started from here.
  bool offers_device = false;   ///< And the page may offer it: the person has none at the service.
  std::optional<PromptSeen> prompt = {};  ///< The newest to the person's devices, also of a transaction that is over.
  bool is_operation = false;              ///< This transaction is such an operation.
  domain::Method adds = domain::Method::kTotp;  ///< What an operation that adds a source adds.
  std::optional<std::size_t> codes_left;        ///< If a recovery code was used in this transaction: how many are left.
  std::optional<MethodChange> change = {};      ///< What an operation that changes a factor does.
  std::optional<StoppedChange> stopped;         ///< A change to the person's sources that waits for a decision.
};

/// Null if the person has no such way.
[[nodiscard]] const Way* find_way(const PersonView& view, std::string_view id);

/// The way by which the code of `way` went instead, if it has gone on to another channel of the line; else `way`.
[[nodiscard]] const Way& where_it_went(const PersonView& view, const Way& way);

[[nodiscard]] PersonView view_for_person(store::Tx& tx, const Context& context, const store::TransactionRow& row,
                                         WallTime now);

}  // namespace countersign::usecase
