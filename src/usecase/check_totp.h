#pragma once

#include "store/repository/factors.h"
#include "store/repository/transactions.h"
#include "usecase/check.h"

namespace countersign::usecase {

/// Judges a code of an authenticator app for a transaction. `factor` is an id, or `totp` for the subject's newest that
/// counts for it. An unknown factor, a wrong code and a replayed one get the same answer [TOTP-4, TOTP-7, OTP-6]; for
/// one that does not count yet the code is not judged [STD-9].
[[nodiscard]] Answer<Approved> check_totp(store::Tx& tx, const Context& context, const Caller& caller,
                                          store::TransactionRow held, std::string_view factor, const SecretString& code,
                                          Moment& moment);

/// Judges the code against the factor and writes down what came of it. `skew`: steps to either side that are accepted.
/// `wanted`: the status that the factor must have. `accompanied`: the same transaction has a proof of another kind, so
/// that a factor which sleeps after a hundred failures may be tried again. [STD-20]
[[nodiscard]] Answer<store::FactorRow> judge_totp(store::Tx& tx, const Context& context, const Caller& caller,
                                                  store::FactorRow factor, domain::FactorStatus wanted,
                                                  const SecretString& code, Moment& moment, std::int64_t skew = 1,
                                                  bool accompanied = false);

}  // namespace countersign::usecase
