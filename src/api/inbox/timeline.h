#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/inbox/calls.h"
#include "store/tx.h"
#include "usecase/context.h"

namespace countersign::api {

/// One line of what happened to a transaction.
struct TimelineEntry {
  WallTime at{};
  std::string kind;        ///< `call`, `page`, `event`, `message` or `webhook`
  std::string what;        ///< `POST /v1/transactions/TX…/checks`, `transaction.verified`, `sms by inbox`
  std::string outcome;     ///< `200`, `sent`, `503`; empty where there is none, as of an event.
  std::string detail;      ///< Why, the number of the attempt, when the next one is; may be empty.
  std::string request_id;  ///< Empty where no request made it.
  bool good = true;
  std::string by{};        ///< Who did it, of an event: `api:SK…`, `person`.
  std::string to{};        ///< Host and path of a webhook's endpoint; empty where that is removed.
  std::string delivery{};  ///< `WD…` of a webhook.
};

/// Where a transaction stands, and all that is known of its way, the oldest first. Names nobody: it is what
/// `GET /v1/transactions/{id}/events` says, with the calls beside it that this process remembers.
struct Timeline {
  TransactionId id;
  std::string type;
  std::string status;
  std::string waits_for;  ///< Empty where it is over.
  std::vector<TimelineEntry> entries;
};

/// Of any account: for developers alone. `id` is its own, or that of a verification, a message or a delivery. Nothing
/// where it leads nowhere.
[[nodiscard]] std::optional<Timeline> read_timeline(store::Tx& tx, const usecase::Context& context, std::string_view id,
                                                    const std::vector<SeenCall>& calls, WallTime now);

/// The newest transactions of live accounts, the newest first.
struct RecentTransaction {
  TransactionId id;
  std::string type;
  std::string status;
};
[[nodiscard]] std::vector<RecentTransaction> recent_transactions(store::Tx& tx, const usecase::Context& context,
                                                                 int limit, WallTime now);

}  // namespace countersign::api
