#pragma once

#include "store/repository/factors.h"
#include "usecase/problem.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// Judges a code of an authenticator app and writes the result. `skew`: accepted time steps to either side. `wanted`:
/// the required status of the factor. `accompanied`: the transaction has a proof of another kind, so a factor disabled
/// after a hundred failures may be tried again. [STD-20]
[[nodiscard]] Answer<store::FactorRow> judge_totp(const Work& work, store::FactorRow factor,
                                                  domain::FactorStatus wanted, const SecretString& code,
                                                  std::int64_t skew = 1, bool accompanied = false);

/// The answer of every factor to a code that is wrong, replayed, or of a factor that does not exist. [OTP-6]
[[nodiscard]] Problem wrong_factor_code();
/// What why_not_checkable() refused, as an answer.
[[nodiscard]] Problem not_checkable(const domain::FactorChecked& refused, WallTime now);
/// Counts a lock that a wrong code has just caused, as `what`. `before`: the failures until then.
void count_factor_lock(const Work& work, const domain::Failures& before, const domain::Failures& after,
                       std::string_view what);

}  // namespace countersign::usecase
