#pragma once

#include <optional>
#include <string>

#include "usecase/verify_api/code.h"

namespace countersign::usecase::verify_api {

/// A code and its transaction.
struct Located {
  store::TransactionRow transaction;
  store::VerificationRow verification;

  [[nodiscard]] bool is_pending(WallTime now) const;
  /// Out of attempts, and before the end of its life: until then a new try is refused.
  [[nodiscard]] bool is_exhausted(WallTime now) const;
};

[[nodiscard]] Refusal exhausted(const Located& located, WallTime now);

/// The binding of a payment: SHA-256 over amount and payee. Constant if both are absent.
[[nodiscard]] std::string payment_hash(std::string_view amount, std::string_view payee);
/// The value that every code of the transaction is bound to.
[[nodiscard]] std::string binding_of(const store::TransactionRow& row);

/// The recipient's newest code. `payment`: selects among several pending ones; empty: any.
[[nodiscard]] std::optional<Located> latest_code(store::Tx& tx, const Caller& caller, const SubjectId& recipient,
                                                 const std::string& payment, WallTime now);
/// Only if it belongs to that service.
[[nodiscard]] std::optional<Located> code_by_id(store::Tx& tx, const Caller& caller, const ServiceId& service,
                                                const VerificationId& id);

/// A pending code. kNotFound, with its final status, for one that is over; kMaxCheckAttempts for one that has no
/// attempts left.
[[nodiscard]] Verdict<Located> locate(const Work& work, const CodeTarget& target, const std::string& payment);

/// `to` is its address, which the caller already has.
[[nodiscard]] CodeView view_of(const Context& context, const Located& located, const Service& service, std::string to,
                               WallTime now);
[[nodiscard]] CodeView view_of(store::Tx& tx, const Context& context, const Located& located, const Service& service,
                               WallTime now);

}  // namespace countersign::usecase::verify_api
