#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "usecase/inbox.h"

namespace countersign::api {

/// What the inbox page shows, and what was asked for.
struct InboxView {
  std::vector<usecase::InboxMessage> messages;  ///< All there are.
  std::string query;                            ///< As typed; empty: everything.
  std::optional<MessageId> chosen;              ///< Shown beside the list; the newest one where nothing was chosen.
  std::uint64_t revision = 0;
  bool delayed = false;  ///< Messages that come now take their time.
  std::string sample;    ///< What to type to get a first message.
};

/// The whole page. It is complete without its script, which only replaces parts of it by newer ones.
[[nodiscard]] std::string render_inbox(const InboxView& view);

}  // namespace countersign::api
