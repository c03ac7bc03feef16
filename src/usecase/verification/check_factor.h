#pragma once

#include <vector>

#include "store/repository/factors.h"
#include "store/repository/transactions.h"
#include "usecase/verification/check.h"

namespace countersign::usecase {

/// Judges a code of a factor for a transaction. `wanted` is an id; `totp`, for the subject's newest app that counts for
/// it; or `recovery_code`, for all sets that count. An unknown factor, a wrong code and a replayed code get the same
/// answer [TOTP-4, TOTP-7, OTP-6]; if no factor counts yet, the code is not judged [STD-9].
[[nodiscard]] Answer<Approved> check_factor(const Work& work, store::TransactionRow held, std::string_view wanted,
                                            const SecretString& code);

}  // namespace countersign::usecase
