#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/repository/events.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// One entry of the audit log, as its account may see it.
struct EventView {
  EventId id;
  std::string type;
  std::optional<TransactionId> transaction;
  std::optional<SubjectId> subject;
  std::string actor;
  std::optional<std::string> source;  ///< Keyed digest of the person's address, in hex.
  std::string request_id;
  std::string data;  ///< A JSON object.
  WallTime created_at;
};
struct EventList {
  std::vector<EventView> views;
  std::optional<EventId> next;  ///< Cursor of the next page; present if there may be more events.
};
/// Events of the caller's account, oldest first. A short page may still have a next one.
[[nodiscard]] EventList list_events(store::Tx& tx, const Caller& caller, const store::EventFilter& filter);

}  // namespace countersign::usecase
