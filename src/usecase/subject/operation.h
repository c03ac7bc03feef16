#pragma once

#include <string>
#include <string_view>

#include "base/function_ref.h"
#include "store/repository/transactions.h"
#include "usecase/work.h"

namespace countersign::usecase {

// Operations by which the person changes their own sources: a transaction approved with sources that count, which
// releases nothing (domain::Purpose::kAddSource, domain::Purpose::kDecideChange).

/// The parameters of an operation.
struct OperationTerms {
  AccountId account;
  ServiceId service;
  SubjectId subject;
  std::string locale;
  domain::Purpose purpose = domain::Purpose::kAddSource;
  domain::Policy policy;
  domain::Display shown;
  std::string_view back;  ///< Where its page links to when it is over; empty: nowhere.
  std::string metadata;   ///< Canonical JSON; empty: none.
};
/// `secret`: of the operation's link.
[[nodiscard]] store::TransactionRow new_operation(const Context& context, const OperationTerms& terms,
                                                  const SecretString& secret, WallTime held_at, Moment& moment);

/// The methods by which the page can ask the subject, among the sources that `may` accepts.
[[nodiscard]] domain::MethodSet askable(store::Tx& tx, const AccountId& account, const SubjectId& subject,
                                        const ServiceSettings& service, FunctionRef<bool(const Id&)> may);

}  // namespace countersign::usecase
