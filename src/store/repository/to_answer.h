#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/factor.h"
#include "domain/method.h"
#include "store/repository/transactions.h"
#include "store/tx.h"

namespace countersign::store {

/// The factor that answers for a transaction, as far as its answer is judged by it. Whose it is, the caller compares.
struct AnsweringFactor {
  FactorId id;
  SubjectId subject;
  domain::Method type;
  domain::FactorStatus status;
  std::optional<std::string> material_sealed;
};

/// What an answer is judged by before its unit runs.
struct ToJudge {
  ServiceId service;
  SubjectId subject;
  domain::Purpose purpose;
  domain::Policy policy;
  std::string binding_hash;
  std::optional<std::string> ceremonies_sealed;
  std::optional<AnsweringFactor> factor;  ///< The one with that handle, whoever's it is; none that is removed.
};
[[nodiscard]] std::optional<ToJudge> find_to_judge(Tx& tx, const AccountId& account, const TransactionId& id,
                                                   std::string_view handle_digest);

/// What the unit of an answer reads, with one statement.
struct ToAnswer {
  TransactionRow row;  ///< With `history_content`, if any.
  std::optional<AnsweringFactor> factor;
};
/// `factor`: nullopt if none is asked for.
[[nodiscard]] std::optional<ToAnswer> find_transaction_to_answer(Tx& tx, const AccountId& account,
                                                                 const TransactionId& id,
                                                                 const std::optional<FactorId>& factor);

}  // namespace countersign::store
