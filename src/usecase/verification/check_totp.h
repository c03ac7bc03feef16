#pragma once

#include "store/repository/factors.h"
#include "store/repository/transactions.h"
#include "usecase/verification/check.h"

namespace countersign::usecase {

/// Judges a code of an authenticator app for a transaction. `factor` is an id, or `totp` for the subject's newest
/// factor that counts for it. An unknown factor, a wrong code and a replayed code get the same answer [TOTP-4, TOTP-7,
/// OTP-6]; if the factor does not count yet, the code is not judged [STD-9].
[[nodiscard]] Answer<Approved> check_totp(const Work& work, store::TransactionRow held, std::string_view factor,
                                          const SecretString& code);

/// Judges the code against the factor and writes the result. `skew`: accepted time steps to either side. `wanted`: the
/// required status of the factor. `accompanied`: the transaction has a proof of another kind, so a factor disabled
/// after a hundred failures may be tried again. [STD-20]
[[nodiscard]] Answer<store::FactorRow> judge_totp(const Work& work, store::FactorRow factor,
                                                  domain::FactorStatus wanted, const SecretString& code,
                                                  std::int64_t skew = 1, bool accompanied = false);

}  // namespace countersign::usecase
