#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/inbox/timeline.h"
#include "delivery/providers/inbox_outage.h"
#include "usecase/inbox.h"

namespace countersign::api {

/// What the inbox page shows, and what was asked for.
struct InboxView {
  std::vector<usecase::InboxMessage> messages;  ///< All there are.
  std::string query;                            ///< As typed; empty: everything.
  std::optional<MessageId> chosen;              ///< Shown beside the list; the newest one where nothing was chosen.
  std::string transaction;                      ///< Shown instead, if its timeline is there.
  std::optional<Timeline> timeline;             ///< Of the transaction, or of what the shown message is of.
  std::vector<RecentTransaction> recent;
  std::uint64_t revision = 0;
  bool delayed = false;  ///< Messages that come now take their time.
  delivery::Outage outage = delivery::Outage::kNone;
  std::string sample;  ///< What to type to get a first message.
};

/// The message that stands beside the list: the chosen one, else the newest that was looked for. Null where there is
/// none, and where a transaction was asked for.
[[nodiscard]] const usecase::InboxMessage* shown_message(const InboxView& view);

/// The whole page. It is complete without its script, which only replaces parts of it by newer ones.
[[nodiscard]] std::string render_inbox(const InboxView& view);

}  // namespace countersign::api
