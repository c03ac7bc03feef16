#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/repository/transactions.h"
#include "usecase/context.h"
#include "usecase/problem.h"

namespace countersign::usecase {

struct VerificationView {
  VerificationId id;
  contact::Channel channel = contact::Channel::kSms;
  std::string masked;
  domain::VerificationStatus status = domain::VerificationStatus::kPending;
  std::optional<std::string> send_fault;  ///< Why the last sending failed, where it has.
  int sends = 0;
  int attempts_left = 0;
  WallTime created_at;
  WallTime expires_at;
};

/// A transaction as the application may see it: everything but the payload.
struct TransactionView {
  store::TransactionRow row;
  domain::TransactionStatus status;  ///< As of now.
  domain::standing::Judgement judgement;
  std::string identity;
  domain::Display display;
  std::string return_url;  ///< Empty where there is none.
  std::optional<std::string> metadata;
  std::vector<VerificationView> verifications;  ///< Newest first; only of a single view.
};

[[nodiscard]] Answer<TransactionView> show_transaction(store::Tx& tx, const Context& context, const Caller& caller,
                                                       const TransactionId& id, WallTime now);

struct ListRequest {
  store::TransactionFilter filter{};  ///< Without a subject.
  std::optional<std::string> identity{};
};
struct TransactionList {
  std::vector<TransactionView> views;
  std::optional<TransactionId> next;  ///< Where the next page begins; a page may be short and still have one.
};
/// Newest first. An unknown subject has no transactions.
[[nodiscard]] TransactionList list_transactions(store::Tx& tx, const Context& context, const Caller& caller,
                                                const ListRequest& request, WallTime now);

}  // namespace countersign::usecase
