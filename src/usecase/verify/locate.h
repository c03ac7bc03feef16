#pragma once

#include <optional>
#include <string>

#include "usecase/verify/code.h"

namespace countersign::usecase::verify {

/// A code's two rows.
struct Located {
  store::TransactionRow transaction;
  store::VerificationRow verification;

  [[nodiscard]] bool is_pending(WallTime now) const;
  /// Out of attempts, and within the time that it would have lived: until then nobody may try again.
  [[nodiscard]] bool is_exhausted(WallTime now) const;
};

[[nodiscard]] Refusal exhausted(const Located& located, WallTime now);

/// What a payment is bound by: SHA-256 over amount and payee. The same for all where there are none.
[[nodiscard]] std::string payment_hash(std::string_view amount, std::string_view payee);
/// What every code of the transaction is bound to.
[[nodiscard]] std::string binding_of(const store::TransactionRow& row);

/// The recipient's. `payment`: of several that are pending, the one for this payment; empty: any.
[[nodiscard]] std::optional<Located> latest_code(store::Tx& tx, const Caller& caller, const SubjectId& recipient,
                                                 const std::string& payment, WallTime now);
/// Only one of that service.
[[nodiscard]] std::optional<Located> code_by_id(store::Tx& tx, const Caller& caller, const ServiceId& service,
                                                const VerificationId& id);

/// One that is pending. kNotFound, with how it ended, for one that is over; kMaxCheckAttempts for one that has no
/// attempts left.
[[nodiscard]] Verdict<Located> locate(store::Tx& tx, const Context& context, const Caller& caller,
                                      const CodeTarget& target, const std::string& payment, WallTime now);

/// Without its sendings; `to` is the address that it goes to, which the caller has at hand.
[[nodiscard]] CodeView view_without_sendings(const Context& context, const Located& located, const Service& service,
                                             std::string to, WallTime now);
[[nodiscard]] CodeView view_of(store::Tx& tx, const Context& context, const Located& located, const Service& service,
                               WallTime now);

}  // namespace countersign::usecase::verify
