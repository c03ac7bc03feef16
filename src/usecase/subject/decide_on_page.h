#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "store/repository/transactions.h"
#include "usecase/subject/enrol_on_page.h"
#include "usecase/subject/show.h"
#include "usecase/verification/check.h"

namespace countersign::usecase {

// The person decides about a change that was objected to, with a source that counts on its own and had no part in the
// change [STD-11]. This takes an operation of its own, which names the change and the decision; proofs for the
// application's transaction decide nothing.

/// A change that was stopped and is not decided yet.
struct StoppedChange {
  BindingId binding;
  domain::Kind kind = domain::Kind::kPhone;
  std::string masked;       ///< Of a phone number or mailbox; else empty.
  WallTime lapses_at;       ///< Without a decision, its wait starts again then.
  bool may_decide = false;  ///< The person has a source that may end it and can be asked.
  bool may_keep = false;    ///< And one that may keep it: a passkey has to verify the person.
};
/// The first stopped change of the subject at that service.
[[nodiscard]] std::optional<StoppedChange> stopped_change(store::Tx& tx, const Context& context,
                                                          const domain::standing::History& history,
                                                          const AccountId& account, WallTime now);

/// Begins the operation that keeps or ends the change. `page.back` may be empty. kNotStopped; kSourceDoesNotCount if no
/// source that may decide can be asked; kRateLimited.
[[nodiscard]] Answer<Addition> begin_decision(const Work& work, const domain::standing::History& history,
                                              const BindingId& binding, bool keep, const AdditionPage& page);

/// For an application, which sends the person to the operation's page.
struct AskedToDecide {
  TransactionId id;
  std::string verify_url;
  WallTime expires_at;
};
[[nodiscard]] Answer<AskedToDecide> ask_person_to_decide(const Work& work, const SubjectAt& subject,
                                                         const BindingId& binding, bool keep);

/// Whether this operation may ask for a source. A decision accepts proofs of no other.
[[nodiscard]] bool may_answer(const Context& context, const store::TransactionRow& operation,
                              const domain::standing::History& history, const Id& source, WallTime now);

/// Carries out the decision of an approved operation and ends it as released; as canceled if nothing is left to decide
/// or none of its proofs may decide. Called only by prove().
void carry_out_decision(const Work& work, store::TransactionRow& operation, domain::standing::History& history);

}  // namespace countersign::usecase
