#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/repository/transactions.h"
#include "usecase/problem.h"
#include "usecase/work.h"

namespace countersign::usecase {

struct VerificationView {
  VerificationId id;
  contact::Channel channel = contact::Channel::kSms;
  std::string masked;
  domain::VerificationStatus status = domain::VerificationStatus::kPending;
  std::optional<std::string> send_fault;  ///< Why the last send failed, if it did.
  int sends = 0;
  int attempts_left = 0;
  WallTime created_at;
  WallTime expires_at;
  bool shows_display = true;                    ///< What the code approves is in the message.
  std::vector<contact::Channel> channels = {};  ///< By which its codes have gone, or may have.
};

/// A transaction as the application may see it: everything except the payload.
struct TransactionView {
  store::TransactionRow row;
  std::string type;                  ///< The public form: the application's own, or `$…` of ours.
  domain::TransactionStatus status;  ///< As of now.
  domain::standing::Judgement judgement;
  std::string identity;
  domain::Display display;
  std::string return_url;  ///< May be empty.
  std::optional<std::string> metadata;
  std::vector<VerificationView> verifications;  ///< Newest first; only in a single view.
};

[[nodiscard]] Answer<TransactionView> show_transaction(const Work& work, const TransactionId& id);

struct ListRequest {
  store::TransactionFilter filter{};  ///< The subject is not set.
  std::optional<std::string> identity{};
};
struct TransactionList {
  std::vector<TransactionView> views;
  std::optional<TransactionId> next;  ///< Cursor of the next page; a short page may still have one.
};
/// Newest first. An unknown subject has no transactions.
[[nodiscard]] TransactionList list_transactions(const Work& work, const ListRequest& request);

}  // namespace countersign::usecase
