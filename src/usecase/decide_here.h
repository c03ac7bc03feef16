#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "store/repository/transactions.h"
#include "usecase/check.h"
#include "usecase/enrol_here.h"
#include "usecase/show_subject.h"

namespace countersign::usecase {

// A change that somebody has objected to is decided by the person herself, with a source that counts as its own and had
// no part in the change [STD-11]: in an operation of its own, which names the change and the decision. What is proved
// for the application's transaction decides nothing.

/// A change that was stopped and that nobody has decided yet.
struct StoppedChange {
  BindingId binding;
  domain::Kind kind = domain::Kind::kPhone;
  std::string masked;       ///< Of a telephone or mailbox; else empty.
  WallTime lapses_at;       ///< Undecided, its wait begins anew then.
  bool may_decide = false;  ///< She has a source that may, and can be asked for it.
};
/// The first of the subject's at that service.
[[nodiscard]] std::optional<StoppedChange> stopped_change(store::Tx& tx, const Context& context,
                                                          const domain::standing::History& history,
                                                          const AccountId& account, WallTime now);

/// Begins the operation that keeps the change, or ends it. `page.back` may be empty. kNotStopped; kSourceDoesNotCount
/// where no source may decide that can be asked; kRateLimited.
[[nodiscard]] Answer<Addition> begin_decision(store::Tx& tx, const Context& context, const Caller& caller,
                                              const domain::standing::History& history, const BindingId& binding,
                                              bool keep, const AdditionPage& page, Moment& moment);

/// The same for an application, which leads the person to the page of the operation.
struct AskedToDecide {
  TransactionId id;
  std::string verify_url;
  WallTime expires_at;
};
[[nodiscard]] Answer<AskedToDecide> ask_person_to_decide(store::Tx& tx, const Context& context, const Caller& caller,
                                                         const SubjectAt& subject, const BindingId& binding, bool keep,
                                                         Moment& moment);

/// Whether a source may be asked for in this operation.
[[nodiscard]] bool may_answer(const Context& context, const store::TransactionRow& operation,
                              const domain::standing::History& history, const Id& source, WallTime now);

/// The operation was approved: carries the decision out and ends it, released; canceled where there is nothing to
/// decide any more, or none of its proofs may. The one caller is prove().
void carry_out_decision(store::Tx& tx, const Context& context, const Caller& caller, store::TransactionRow& operation,
                        domain::standing::History& history, Moment& moment);

}  // namespace countersign::usecase
