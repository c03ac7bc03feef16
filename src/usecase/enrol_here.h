#pragma once

#include <string>
#include <vector>

#include "store/repository/factors.h"
#include "store/repository/transactions.h"
#include "usecase/enrol.h"

namespace countersign::usecase {

// An authenticator app that the person herself adds, on the page of a transaction. The page is opened by a link, which
// a hijacked session has too; so what is added there is worth no more than what the person has shown of herself.

/// Whether that is allowed: the policy names `totp` in `enrol`, and either a source that was known before the hold has
/// proved something in this transaction (it is held, or was verified within the last 15 minutes), or the subject has
/// no such source that could be asked at all. [trap: no step-down through enrolment]
[[nodiscard]] bool may_enrol_here(store::Tx& tx, const Context& context, const store::TransactionRow& row,
                                  const std::vector<store::FactorRow>& factors, WallTime now);

/// Something that was known before the hold has proved something in this transaction.
[[nodiscard]] bool has_established_proof(const domain::Transaction& held);

/// Whether an app that is added now could alone authorise this very transaction: the policy trusts on first use, and
/// there was no other factor.
[[nodiscard]] bool first_use_counts(const domain::Transaction& held, const std::vector<store::FactorRow>& factors);

/// Makes an unconfirmed factor for the subject of the transaction (see enrol_totp), or says kMethodNotAllowed.
[[nodiscard]] Answer<Enrolment> enrol_here(store::Tx& tx, const Context& context, const Caller& caller,
                                           const store::TransactionRow& row, Moment& moment);

/// What enrol_here answered, again, for as long as the factor is unconfirmed: a page is loaded more than once.
/// kNotFound once it is confirmed, removed or too old.
[[nodiscard]] Answer<Enrolment> show_enrolment(store::Tx& tx, const Context& context, const store::TransactionRow& row,
                                               const FactorId& id, WallTime now);

/// The first code, and what the person calls the app (up to 64 characters, may be empty).
[[nodiscard]] Answer<FactorView> confirm_here(store::Tx& tx, const Context& context, const Caller& caller,
                                              const store::TransactionRow& row, const FactorId& id,
                                              std::string_view name, const SecretString& code, Moment& moment);

}  // namespace countersign::usecase
