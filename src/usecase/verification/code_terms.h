#pragma once

#include <string>
#include <string_view>

#include "domain/verification.h"
#include "store/repository/transactions.h"
#include "store/repository/vault.h"
#include "usecase/settings.h"

namespace countersign::usecase {

[[nodiscard]] domain::VerificationRules rules_of(const domain::Limits& limits, const ServiceSettings& service);

/// The keyed digest of a code: valid only for this verification of this transaction as displayed. [OTP-4, OTP-5, TXN-2]
[[nodiscard]] std::string digest_of(const store::Vault& vault, const store::TransactionRow& held,
                                    const VerificationId& verification, std::string_view code);

}  // namespace countersign::usecase
