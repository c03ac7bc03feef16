#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/inbox/calls.h"
#include "domain/transaction.h"
#include "store/tx.h"
#include "usecase/work.h"

namespace countersign::api {

/// One line of a transaction's timeline.
struct TimelineEntry {
  WallTime at{};
  std::string kind;        ///< `call`, `page`, `event`, `message` or `webhook`
  std::string what;        ///< `POST /v1/transactions/TX…/checks`, `transaction.verified`, `sms by inbox`
  std::string outcome;     ///< `200`, `sent`, `503`; empty if there is none, as for an event.
  std::string detail;      ///< Reason, number of the attempt, time of the next; may be empty.
  std::string request_id;  ///< Empty if no request caused it.
  bool good = true;
  std::string by{};        ///< Actor of an event: `api:SK…`, `person`.
  std::string to{};        ///< Host and path of a webhook's endpoint; empty if removed.
  std::string delivery{};  ///< `WD…`, for a webhook.
};

/// A transaction's state and all its known steps, oldest first. No personal data: the content of `GET
/// /v1/transactions/{id}/events` plus the calls that this process remembers.
struct Timeline {
  TransactionId id;
  std::string type;
  std::string status;
  std::string waits_for;  ///< Empty if it is over.
  std::vector<TimelineEntry> entries;
  domain::Purpose purpose = domain::Purpose::kRelease;
};

/// For any account, so only for developers. `id` is that of the transaction, a verification, a message or a delivery.
/// Nothing if nothing is found.
[[nodiscard]] std::optional<Timeline> read_timeline(store::Tx& tx, const usecase::Context& context, std::string_view id,
                                                    const std::vector<SeenCall>& calls, WallTime now);

}  // namespace countersign::api
