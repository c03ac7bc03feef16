#pragma once

#include "domain/standing/history.h"
#include "store/repository/subjects.h"
#include "store/repository/transactions.h"
#include "store/repository/verifications.h"
#include "usecase/verification/check.h"

namespace countersign::usecase {

/// Adds the proof to the transaction. If that meets the policy, the transaction becomes verified, and events are
/// written and webhooks enqueued. Nothing else leads to the state `verified`. kSourceDoesNotCount, with no proof added,
/// for a source that does not count for this transaction. [STD-1] Loads the subject's history unless the caller has it.
/// Writes `row`, and nothing of it where it is refused.
[[nodiscard]] Answer<Approved> prove(const Work& work, store::TransactionRow& row, domain::Proof proof,
                                     std::optional<domain::standing::History> history = {});

/// For a right code through a contact: marks the contact as proved, and proves. judge_code has already reset its
/// failures and put the verification in `row`, which is written with it, even if the source does not count: the code is
/// used up. `carried`: a provider carried the code and the person typed it, which counts for that provider.
[[nodiscard]] Answer<Approved> prove_contact(const Work& work, store::TransactionRow&& row, store::ContactRow&& contact,
                                             const store::VerificationRow& by, bool carried);

}  // namespace countersign::usecase
