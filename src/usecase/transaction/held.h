#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/verification.h"
#include "store/repository/to_answer.h"
#include "store/repository/to_prove.h"
#include "usecase/problem.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// The transaction, if an application held it. Excludes codes of the Verify API, which are transactions with their own
/// rules, and operations that add a source, unless the caller is the person. Takes the key of its subject, which covers
/// all that is the subject's.
[[nodiscard]] std::optional<store::TransactionRow> find_held(store::Tx& tx, const Caller& caller,
                                                             const TransactionId& id);

/// The same, if proofs can still be added to it, with its subject's history (take_history) and contacts.
[[nodiscard]] Answer<std::unique_ptr<store::ToProve>> open_to_check(const Work& work, const TransactionId& id);
/// The same, and what was sent to the address of each contact.
[[nodiscard]] Answer<std::unique_ptr<store::ToProve>> open_to_send(const Work& work, const TransactionId& id);

/// The same with that factor, if one is named, and without the contacts.
[[nodiscard]] Answer<store::ToAnswer> open_to_answer(const Work& work, const TransactionId& id,
                                                     const std::optional<FactorId>& factor);

[[nodiscard]] Problem problem_of(domain::TransactionError error);

}  // namespace countersign::usecase
