#pragma once

#include <optional>
#include <string_view>

#include "base/json.h"
#include "store/repository/transactions.h"
#include "usecase/context.h"
#include "usecase/problem.h"

namespace countersign::usecase {

/// The transaction that an id leads to: its own (`TX…`), or that of a verification (`VE…`), of a message (`VL…`) or of
/// a delivery of a webhook (`WD…`). A verification of a transaction is found by its event, for as long as the trail is
/// kept.
[[nodiscard]] std::optional<store::TransactionRow> find_by_any_id(store::Tx& tx, const AccountId& account,
                                                                  std::string_view id);

/// All that is known of what happened to a transaction, as one document: where it stands, what it waits for, its
/// verifications with their messages, its webhooks with every attempt, and its audit events. Names nobody: addresses
/// are masked, and there is no payload, display, code, token, URL or identity in it. docs/openapi.yaml describes it
/// (Timeline); times are RFC 3339.
///
/// Reads alone, and nothing that has an index of its own for it: events, messages and deliveries are looked for among
/// those of the moments at which something happened to the transaction.
[[nodiscard]] json::object inspect(store::Tx& tx, const Context& context, const store::TransactionRow& row,
                                   WallTime now);

/// For the application: of a transaction that it held. kNotFound for any other.
[[nodiscard]] Answer<json::object> inspect_held(store::Tx& tx, const Context& context, const Caller& caller,
                                                const TransactionId& id, WallTime now);

}  // namespace countersign::usecase
