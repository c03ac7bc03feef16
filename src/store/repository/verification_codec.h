#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "store/repository/verifications.h"

namespace countersign::store {

// Form of the verifications of one transaction in `transactions.verifications`: compact, because every start and check
// writes the row, and a row that outgrows a quarter of a page costs one more page. verification_codec.cpp has the
// layout. Account and transaction are columns of the row.

/// Newest first, as they stand. StoreFailure for anything that these functions do not write.
[[nodiscard]] std::vector<VerificationRow> decode_verifications(std::string_view content, const AccountId& account,
                                                                const TransactionId& transaction);
/// That one alone; the others are not decoded.
[[nodiscard]] std::optional<VerificationRow> decode_verification(std::string_view content, const AccountId& account,
                                                                 const TransactionId& transaction,
                                                                 const VerificationId& id);

/// `content` with `v` in the place of the one with its id, or where its id belongs. At most kVerificationsMax: for a
/// new one the oldest is left out.
[[nodiscard]] std::string with_verification(std::string_view content, const VerificationRow& v);

}  // namespace countersign::store
