#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/verification.h"
#include "store/tx.h"

namespace countersign::store {

struct VerificationRow {
  domain::Verification state;
  std::string provider;                     ///< Name of the provider that carries it.
  std::optional<std::string> provider_ref;  ///< Its own name for it, once it has answered; a verifier's only.
  std::optional<std::string>
      send_fault;  ///< Why the last sending failed for good (delivery::Fault); nothing while it has not.
};

/// `sendings`: of a code for its own sake, its first (first_sending).
void insert_verification(Tx& tx, const VerificationRow& row, std::optional<std::string_view> sendings = {});
/// Writes status, codes, counts and times.
void save_verification(Tx& tx, const VerificationRow& row);
void set_provider_ref(Tx& tx, const AccountId& account, const TransactionId& transaction, const VerificationId& id,
                      std::string_view ref);

void set_send_fault(Tx& tx, const AccountId& account, const TransactionId& transaction, const VerificationId& id,
                    std::string_view fault);

/// Of one transaction, the newest first.
[[nodiscard]] std::vector<VerificationRow> verifications_of(Tx& tx, const AccountId& account,
                                                            const TransactionId& transaction);
[[nodiscard]] std::optional<VerificationRow> find_verification(Tx& tx, const AccountId& account,
                                                               const TransactionId& transaction,
                                                               const VerificationId& id);

}  // namespace countersign::store
