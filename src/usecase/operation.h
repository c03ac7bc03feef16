#pragma once

#include <string>
#include <string_view>

#include "base/function_ref.h"
#include "store/repository/transactions.h"
#include "usecase/context.h"

namespace countersign::usecase {

// Operations of the person's own, about her sources: a transaction like any other, approved with what she has counting,
// that releases nothing (store::kAddSource, store::kDecideChange).

/// What an operation is about.
struct OperationTerms {
  AccountId account;
  ServiceId service;
  SubjectId subject;
  std::string locale;
  std::string_view type;
  domain::Policy policy;
  domain::Display shown;
  std::string_view back;  ///< Where its page leads when it is over; empty: nowhere.
  std::string metadata;   ///< Canonical JSON; empty: none.
};
/// `secret`: of its link.
[[nodiscard]] store::TransactionRow new_operation(const Context& context, const OperationTerms& terms,
                                                  const SecretString& secret, WallTime held_at, Moment& moment);

/// By which methods the subject can be asked, of the sources that `may` answers.
[[nodiscard]] domain::MethodSet askable(store::Tx& tx, const AccountId& account, const SubjectId& subject,
                                        const ServiceSettings& service, FunctionRef<bool(const Id&)> may);

}  // namespace countersign::usecase
