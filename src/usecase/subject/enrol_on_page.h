#pragma once

#include <string>
#include <vector>

#include "store/repository/factors.h"
#include "store/repository/transactions.h"
#include "usecase/passkey/confirm.h"
#include "usecase/passkey/enrol.h"
#include "usecase/push/enrol.h"
#include "usecase/subject/contacts.h"
#include "usecase/subject/enrol.h"
#include "usecase/subject/recovery.h"

namespace countersign::usecase {

// The person adds an authenticator app, or makes recovery codes, on a page. A hijacked session has the page's link too,
// so a link binds nothing [STD-6]: an operation of its own adds the source, names it, and is approved with the person's
// other sources [STD-4]. That operation is a transaction of the type domain::Purpose::kAddSource, whose policy names
// under `enrol` what it adds. Proofs for the application's transaction add nothing.

enum class EnrolHere : std::uint8_t {
  kNo,
  kByLink,  ///< The subject never had a source given, proved or erased, at any service, and the policy trusts on first
            ///< use. An app only: recovery codes are never enough alone. [STD-1, STD-10]
  kInOperation  ///< This is the operation; it was approved and has not expired.
};
[[nodiscard]] EnrolHere may_enrol_here(store::Tx& tx, const Context& context, const store::TransactionRow& row,
                                       const domain::standing::History& history, WallTime now);

/// What the operation adds: `webauthn`, `totp`, `push` or `recovery_code`.
[[nodiscard]] domain::Method added_by(const domain::Transaction& operation);

/// The policy of an operation, begun from this transaction's page, that adds a source of `method`; nothing if none can
/// be begun. The transaction's policy must name the method in `enrol`, unless it is the page of the person's
/// methods; and the person must have enough sources that count and can be asked.
[[nodiscard]] std::optional<domain::Policy> policy_of_addition(store::Tx& tx, const Context& context,
                                                               const store::TransactionRow& row,
                                                               const domain::standing::History& history,
                                                               domain::Method method, WallTime now);

struct Addition {
  TransactionId id;
  SecretString secret;  ///< Secret of the operation's link.
};
/// What the operation takes over from the page where it begins.
struct AdditionPage {
  std::string back;                               ///< Where its page links to when it is over.
  std::string locale;                             ///< Language of the person: for the title and the messages.
  domain::Method method = domain::Method::kTotp;  ///< What is added: `webauthn`, `totp`, `push`, `recovery_code`.
};
/// Begins the operation. kMethodNotAllowed if it cannot begin.
[[nodiscard]] Answer<Addition> begin_addition(const Work& work, const store::TransactionRow& from,
                                              const AdditionPage& page);

/// For an application, which sends the person from its own security page to the operation's page; the person returns to
/// `page.back` (may be empty). An empty `page.locale` means that of the subject's newest transaction, else the
/// service's. kInvalidField; kNotFound for an unknown subject; kSourceDoesNotCount if the person has too few sources
/// that count and can be asked; kRateLimited.
struct AskedToAdd {
  TransactionId id;
  std::string verify_url;
  WallTime expires_at;
};
[[nodiscard]] Answer<AskedToAdd> ask_person_to_add(const Work& work, const SubjectAt& subject,
                                                   const AdditionPage& page);

/// Makes an unconfirmed factor for the subject of the transaction (see enrol_totp), or says kMethodNotAllowed.
[[nodiscard]] Answer<Enrolment> enrol_here(const Work& work, const store::TransactionRow& row);
/// The same of a set of recovery codes, in an operation that adds one.
[[nodiscard]] Answer<NewCodes> make_codes_here(const Work& work, const store::TransactionRow& row);

/// What enrol_here returned, again, while the factor is unconfirmed: a page may load more than once. kNotFound once it
/// is confirmed, removed or expired.
[[nodiscard]] Answer<Enrolment> show_enrolment(store::Tx& tx, const Context& context, const store::TransactionRow& row,
                                               const FactorId& id, WallTime now);

/// Confirms the factor (see confirm_factor) and sets its name, given by the person (up to 64 characters, may be empty).
/// Ends the operation.
[[nodiscard]] Answer<FactorView> confirm_here(const Work& work, store::TransactionRow row, const FactorId& id,
                                              std::string_view name, const std::optional<SecretString>& code);

/// The same of a passkey: options for the browser, for this operation alone.
[[nodiscard]] Answer<PasskeyEnrolment> enrol_passkey_here(const Work& work, const store::TransactionRow& row);
/// What a browser's answer is judged by (judge_registration): the offer that this operation made with that challenge.
struct OfferHere {
  FactorId factor;
  SeenOffer seen;
};
[[nodiscard]] std::optional<OfferHere> look_for_offer_here(store::Tx& tx, const Context& context,
                                                           const store::TransactionRow& row,
                                                           std::string_view challenge);
/// Like confirm_here, by what was judged (see confirm_passkey).
[[nodiscard]] Answer<FactorView> confirm_passkey_here(const Work& work, store::TransactionRow row, const FactorId& id,
                                                      std::string_view name, const JudgedRegistration& judged);

/// The same of the browser as a device: what it is to sign, for this operation alone.
[[nodiscard]] Answer<PushEnrolment> enrol_device_here(const Work& work, const store::TransactionRow& row);
/// Like confirm_here, by what the browser answered (see confirm_push).
[[nodiscard]] Answer<FactorView> confirm_device_here(const Work& work, store::TransactionRow row, const FactorId& id,
                                                     std::string_view name, const PushAnswer& answer,
                                                     const Answer<store::PushSubscription>& judged);

}  // namespace countersign::usecase
