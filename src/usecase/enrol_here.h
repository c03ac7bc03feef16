#pragma once

#include <string>
#include <vector>

#include "store/repository/factors.h"
#include "store/repository/transactions.h"
#include "usecase/contacts.h"
#include "usecase/enrol.h"

namespace countersign::usecase {

// An authenticator app that the person herself adds, on a page. A page is opened by a link, which a hijacked session
// has too, and a link binds nothing [STD-6]: the app is added by an operation of its own, which names it and is
// approved with her other sources [STD-4]. That operation is a transaction like any other, of the type
// store::kAddSource. What is proved for the application's transaction adds nothing.

enum class EnrolHere : std::uint8_t {
  kNo,
  kByLink,  ///< Nothing was ever given, proved or erased, at any service, and the policy trusts on first use. [STD-1]
  kInOperation  ///< This is the operation, it was approved, and its time is not over.
};
[[nodiscard]] EnrolHere may_enrol_here(store::Tx& tx, const Context& context, const store::TransactionRow& row,
                                       const domain::standing::History& history, WallTime now);

/// Whether an operation can be begun from this transaction's page: the policy names `totp` in `enrol`, and she has
/// enough sources that count and can be asked. The policy of the operation; nothing where it cannot.
[[nodiscard]] std::optional<domain::Policy> policy_of_addition(store::Tx& tx, const Context& context,
                                                               const store::TransactionRow& row,
                                                               const domain::standing::History& history, WallTime now);

struct Addition {
  TransactionId id;
  SecretString secret;  ///< Of its link.
};
/// What the operation takes from the page where it was begun.
struct AdditionPage {
  std::string back;    ///< Where its own page leads when it is over.
  std::string locale;  ///< The language that the person reads: of its title, of its messages.
};
/// Begins the operation. kMethodNotAllowed where it cannot be.
[[nodiscard]] Answer<Addition> begin_addition(store::Tx& tx, const Context& context, const Caller& caller,
                                              const store::TransactionRow& from, const AdditionPage& page,
                                              Moment& moment);

/// The same for an application, which leads the person from its own page about security to that of the operation, and
/// gets her back at `page.back` (may be empty; an empty `page.locale` is that of her newest transaction, else the
/// service's). kInvalidField; kNotFound for an unknown subject; kSourceDoesNotCount where she has too few sources that
/// count and can be asked; kRateLimited.
struct AskedToAdd {
  TransactionId id;
  std::string verify_url;
  WallTime expires_at;
};
[[nodiscard]] Answer<AskedToAdd> ask_person_to_add(store::Tx& tx, const Context& context, const Caller& caller,
                                                   const SubjectAt& subject, const AdditionPage& page, Moment& moment);

/// Makes an unconfirmed factor for the subject of the transaction (see enrol_totp), or says kMethodNotAllowed.
[[nodiscard]] Answer<Enrolment> enrol_here(store::Tx& tx, const Context& context, const Caller& caller,
                                           const store::TransactionRow& row, Moment& moment);

/// What enrol_here answered, again, for as long as the factor is unconfirmed: a page is loaded more than once.
/// kNotFound once it is confirmed, removed or too old.
[[nodiscard]] Answer<Enrolment> show_enrolment(store::Tx& tx, const Context& context, const store::TransactionRow& row,
                                               const FactorId& id, WallTime now);

/// The first code, and what the person calls the app (up to 64 characters, may be empty). Ends the operation.
[[nodiscard]] Answer<FactorView> confirm_here(store::Tx& tx, const Context& context, const Caller& caller,
                                              store::TransactionRow row, const FactorId& id, std::string_view name,
                                              const SecretString& code, Moment& moment);

}  // namespace countersign::usecase
