#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/inbox/timeline.h"
#include "delivery/providers/inbox_outage.h"
#include "usecase/development/inbox.h"
#include "usecase/development/kept_pushes.h"
#include "usecase/transaction/inspect.h"

namespace countersign::api {

/// What the inbox page shows, and the request's parameters.
struct InboxView {
  std::vector<usecase::InboxMessage> messages;  ///< All messages.
  std::string query;                            ///< As typed; empty: all.
  std::optional<MessageId> chosen;              ///< Shown beside the list; absent: the newest.
  std::string transaction;                      ///< Shown instead, if it has a timeline.
  std::optional<Timeline> timeline;             ///< Of the transaction, or of the shown message's transaction.
  std::vector<usecase::TransactionBrief> recent;
  std::uint64_t revision = 0;
  bool delayed = false;  ///< New messages are delayed.
  delivery::Outage outage = delivery::Outage::kNone;
  std::vector<usecase::KeptPush> pushes;  ///< Newest first.
  std::string sample;                     ///< Command that makes a first message.
};

/// The message beside the list: the chosen one, else the newest that matches the query. Null if there is none, and if a
/// transaction was requested.
[[nodiscard]] const usecase::InboxMessage* shown_message(const InboxView& view);

/// The complete page. It works without its script, which only replaces parts by newer ones.
[[nodiscard]] std::string render_inbox(const InboxView& view);

}  // namespace countersign::api
