#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "store/repository/transactions.h"
#include "usecase/problem.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// The transaction for an id of its own (`TX…`), of a verification (`VE…`), of a message (`VL…`) or of a webhook
/// delivery (`WD…`). A verification is found by its audit event, for as long as the audit log is kept.
[[nodiscard]] std::optional<store::TransactionRow> find_by_any_id(store::Tx& tx, const AccountId& account,
                                                                  std::string_view id);

/// The full record of a transaction as one document: its state, what it waits for, its verifications with their
/// messages, its webhooks with every attempt, and its audit events. No personal data: addresses are masked, and it has
/// no payload, display, code, token, URL or identity. docs/openapi.yaml describes it (Timeline); times are RFC 3339.
///
/// Read-only, and uses no dedicated index: searches events, messages and deliveries around the times at which something
/// happened to the transaction.
[[nodiscard]] json::object inspect(store::Tx& tx, const Context& context, const store::TransactionRow& row,
                                   WallTime now);

/// A transaction's state, in short.
struct TransactionBrief {
  TransactionId id;
  std::string type;
  std::string status;
  domain::Purpose purpose = domain::Purpose::kRelease;
};
/// The newest transactions of all live accounts, newest first; only for developers.
[[nodiscard]] std::vector<TransactionBrief> recent_transactions(store::Tx& tx, const Context& context, int limit,
                                                                WallTime now);

/// For the application that held it. kNotFound for any other transaction.
[[nodiscard]] Answer<json::object> inspect_held(const Work& work, const TransactionId& id);

}  // namespace countersign::usecase
