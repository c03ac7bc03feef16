#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/repository/events.h"

namespace countersign::store {

/// Events of one account as the content of one row of event_bundles. They keep their order; accounts and ids are not in
/// it: the row has the account, and the id of the first event; the others follow by one each.
[[nodiscard]] std::string encode_event_bundle(std::span<const EventRow> events);

/// Throws StoreFailure (kUnreadable) for anything that encode_event_bundle does not write.
[[nodiscard]] std::vector<EventRow> decode_event_bundle(const AccountId& account, const EventId& first,
                                                        std::string_view content);

}  // namespace countersign::store
