#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "store/repository/transactions.h"
#include "usecase/problem.h"
#include "usecase/work.h"

namespace countersign::usecase {

// An operator's word about what the fraud rules stopped. By a key with the scope `admin`; kMayNotAdminister otherwise.
// Nobody's word within Settings::review_within refuses. [ADR 51]

/// In review, or refused by the rules and not yet for good; those whose time ends first come first. `after`: the time
/// of the last one of an earlier page.
[[nodiscard]] Answer<std::vector<store::TransactionRow>> list_reviews(const Work& work,
                                                                      const std::optional<WallTime>& after, int limit);

/// The transaction goes on where it was stopped, and no rule stops it again: held for as long as it was to be held, or
/// verified for the time to claim. With Settings::review_by_two the first word changes nothing else, and the same key
/// is not two. `operator_name`: of an operator at the server, who has no key. kNoReview; kSameReviewer.
[[nodiscard]] Answer<store::TransactionRow> allow_review(const Work& work, const TransactionId& id,
                                                         std::string_view operator_name = {});

/// Denied for good, and its payload destroyed. kNoReview.
[[nodiscard]] Answer<store::TransactionRow> refuse_review(const Work& work, const TransactionId& id,
                                                          std::string_view operator_name = {});

/// She is erased: what the rules refused of hers is nobody's to allow, and its payloads are destroyed.
void end_reviews_of_refused(const Work& work, const SubjectId& subject);

/// Nobody's word in time: as refused. False, and nothing changed, if the time is not over.
bool lapse_review(const Work& work, store::TransactionRow row);

}  // namespace countersign::usecase
